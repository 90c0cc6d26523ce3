import { describe, expect, test } from 'vitest';
import { type Ended, sequelOf } from '../../../../cli/load/worker/sequel.ts';

const OPTIONS = {
  kind: 'full',
  client: 'ana',
  room: 'red',
  roomIndex: 0,
  sender: undefined,
  reader: 'steady',
} as const;
const END = { reason: 'unavailable', retryAfterMs: undefined, canRetry: true };
const ended = (changes: Partial<Ended>): Ended => ({
  ...{ end: END, options: OPTIONS, isCut: false, wasSeated: true, retries: 0, advisedMs: 0 },
  ...changes,
});

interface Case {
  readonly name: string;
  readonly changes: Partial<Ended>;
  readonly sequel: ReturnType<typeof sequelOf>;
}

const cases: readonly Case[] = [
  {
    name: 'a lost stream is replaced soon',
    changes: {},
    sequel: { kind: 'comes back', afterMs: 100, because: 'error' },
  },
  {
    name: 'later each time',
    changes: { retries: 3 },
    sequel: { kind: 'comes back', afterMs: 800, because: 'error' },
  },
  {
    name: 'at most five seconds later',
    changes: { retries: 9 },
    sequel: { kind: 'comes back', afterMs: 5_000, because: 'error' },
  },
  {
    name: 'not before the server said',
    changes: { advisedMs: 3_000 },
    sequel: { kind: 'comes back', afterMs: 3_000, because: 'error' },
  },
  { name: 'not for ever', changes: { retries: 10 }, sequel: { kind: 'gives up' } },
  {
    name: 'sooner given up without ever a seat',
    changes: { wasSeated: false, retries: 5 },
    sequel: { kind: 'gives up' },
  },
  {
    name: 'what cannot go better is given up',
    changes: { end: { ...END, canRetry: false } },
    sequel: { kind: 'gives up' },
  },
  {
    name: 'who was cut by the tool comes back at once',
    changes: { isCut: true },
    sequel: { kind: 'comes back', afterMs: 0, because: 'cut' },
  },
  {
    name: 'a frozen reader that the server ends stays away',
    changes: { end: { ...END, reason: 'slow_consumer' }, options: { ...OPTIONS, reader: 'frozen' } },
    sequel: { kind: 'stays away' },
  },
  {
    name: 'a slow one comes back',
    changes: { end: { ...END, reason: 'slow_consumer' }, options: { ...OPTIONS, reader: 'slow' } },
    sequel: { kind: 'comes back', afterMs: 0, because: 'slow' },
  },
  {
    name: 'a basic client waits for its own seat',
    changes: { end: { ...END, reason: 'user_taken', canRetry: false }, options: { ...OPTIONS, kind: 'basic' } },
    sequel: { kind: 'comes back', afterMs: 100, because: 'own seat' },
  },
];

describe('whose stream ended unasked', () => {
  test.each(cases)('$name', ({ changes, sequel }) => {
    expect(sequelOf(ended(changes))).toEqual(sequel);
  });
});
