import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { MOST_OUTSTANDING } from './checks/post-book.ts';
import { parseExpectation } from './expectation.ts';
import type { Load, Scenario } from './scenario.ts';
import { STAMP_BYTES } from './wire/stamp.ts';

/** Fewer than senders can be told apart by a stamp. */
const MOST_CLIENTS = 200_000;
const MOST_WORKERS = 64;
const MOST_DURATION_MS = 24 * 3_600_000;
const LEAST_DURATION_MS = 100;
const MOST_PER_SECOND = 1_000_000;

const DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

const text = z.union([z.string(), z.number()], 'must be a number or a text').transform(String);

function wholeFrom(least: number, most: number) {
  const words = `must be a whole number from ${least} to ${most}`;
  return numberFrom(least, most, words).refine(Number.isInteger, words);
}

function numberFrom(least: number, most: number, words = `must be a number from ${least} to ${most}`) {
  return text
    .refine((given) => /^(\d[\d_]*)?(\.?\d+)$/.test(given), words)
    .transform((given) => Number(given.replaceAll('_', '')))
    .refine((value) => value >= least && value <= most, words);
}

const duration = text.transform((given, context) => {
  const parts = given === '' ? null : DURATION.exec(given === '0' ? '0s' : given);
  const [hours = 0, minutes = 0, seconds = 0, ms = 0] = (parts ?? []).slice(1).map((part) => Number(part ?? 0));
  const total = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
  if (parts !== null && total <= MOST_DURATION_MS) return total;
  context.addIssue('must be a time such as 30s, 1m30s or 250ms, at most 24h');
  return z.NEVER;
});

const payload = text.transform((given, context) => {
  const [, least, most = least] = /^(\d+)(?::(\d+))?$/.exec(given) ?? [];
  const [minBytes, maxBytes] = [Number(least), Number(most)];
  if (minBytes >= STAMP_BYTES && maxBytes >= minBytes && maxBytes <= 2 ** 20) return { minBytes, maxBytes };
  context.addIssue(
    `must be bytes such as 64 or 64:512, at least ${STAMP_BYTES}: so long is what a message is known by`,
  );
  return z.NEVER;
});

const expectations = z
  .union([z.string().transform((one) => [one]), z.array(z.string())])
  .superRefine((written, context) => {
    for (const one of written) {
      try {
        parseExpectation(one);
      } catch (error) {
        context.addIssue(error instanceof Error ? error.message : String(error));
      }
    }
  });

const perSecond = numberFrom(0, MOST_PER_SECOND);

/** What a scenario is given as, by flags or by a file: the same names and the same values. */
const SETTINGS = z.strictObject({
  clients: wholeFrom(1, MOST_CLIENTS).default(100),
  rooms: wholeFrom(1, MOST_CLIENTS).default(10),
  senders: wholeFrom(0, MOST_CLIENTS).default(1),
  rate: perSecond.optional(),
  window: wholeFrom(1, MOST_OUTSTANDING).optional(),
  duration: duration.default(30_000),
  warmup: duration.default(2_000),
  payload: payload.default({ minBytes: 64, maxBytes: 64 }),
  'join-rate': numberFrom(0.1, MOST_PER_SECOND).default(1_000),
  churn: perSecond.default(0),
  reconnect: perSecond.default(0),
  slow: wholeFrom(0, MOST_CLIENTS).default(0),
  frozen: wholeFrom(0, MOST_CLIENTS).default(0),
  basic: z.boolean('must be true or false').default(false),
  'streams-per-connection': wholeFrom(1, 10_000).default(1),
  workers: wholeFrom(1, MOST_WORKERS).optional(),
  seed: wholeFrom(0, 2 ** 31).default(1),
  expect: expectations.default([]),
});

type Settings = z.infer<typeof SETTINGS>;

export type GivenSettings = Readonly<Record<string, unknown>>;

/**
 * @param given by name; what is not given has its default.
 * @throws an error whose message names all that is wrong, a line each.
 */
export function scenarioOf(name: string, given: GivenSettings): Scenario {
  const read = SETTINGS.safeParse(given);
  if (!read.success) throw new Error(read.error.issues.map(inWords).join('\n'));
  const settings = read.data;
  const wrong = contradictionsIn(settings);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return {
    name,
    clients: settings.clients,
    rooms: settings.rooms,
    sendersPerRoom: settings.senders,
    load: loadOf(settings),
    durationMs: settings.duration,
    warmupMs: settings.warmup,
    payload: settings.payload,
    joinsPerSecond: settings['join-rate'],
    churnPerSecond: settings.churn,
    cutsPerSecond: settings.reconnect,
    slow: settings.slow,
    frozen: settings.frozen,
    clientKind: settings.basic ? 'basic' : 'full',
    streamsPerTransport: settings['streams-per-connection'],
    workers: Math.min(settings.workers ?? Math.max(1, availableParallelism() - 1), settings.clients),
    seed: settings.seed,
    expectations: settings.expect,
  };
}

function loadOf({ senders, rate = 1, window }: Settings): Load {
  if (senders === 0 || (rate === 0 && window === undefined)) return { kind: 'idle' };
  return window === undefined ? { kind: 'rate', messagesPerSecond: rate } : { kind: 'window', messages: window };
}

function contradictionsIn({ clients, rooms, senders, slow, frozen, rate, window, duration }: Settings): string[] {
  const speaking = Math.min(rooms * senders, clients);
  const wrong: (string | false)[] = [
    rooms > clients && `--rooms ${rooms}: there are only ${clients} clients`,
    rate !== undefined && window !== undefined && '--rate and --window: either a schedule or a window, not both',
    rooms <= clients &&
      senders > Math.floor(clients / rooms) &&
      `--senders ${senders}: more than the ${Math.floor(clients / rooms)} of a room`,
    speaking + slow + frozen > clients && `--slow and --frozen: only ${clients - speaking} clients do not send`,
    duration < LEAST_DURATION_MS && '--duration: must be 100ms at least, or nothing is measured',
  ];
  return wrong.filter((line) => line !== false);
}

function inWords({ path, message, code, ...rest }: z.core.$ZodIssue): string {
  if (code === 'unrecognized_keys' && 'keys' in rest) return `there is no setting ${rest.keys.join(', ')}`;
  return path.length === 0 || message.startsWith('--') ? message : `--${path.join('.')}: ${message}`;
}
