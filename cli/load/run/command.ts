import type { Scenario } from '../scenario.ts';

export type Flag = readonly [name: string, value: string | number | true];

/**
 * Shell words that do the same again, whatever the defaults become.
 * @param serverFlags where the server is, and how it is reached.
 */
export function commandOf(scenario: Scenario, serverFlags: readonly Flag[]): string {
  const { load, payload } = scenario;
  const flags: (Flag | false)[] = [
    ...serverFlags,
    ['clients', scenario.clients],
    ['rooms', scenario.rooms],
    ['senders', load.kind === 'idle' ? 0 : scenario.sendersPerRoom],
    load.kind === 'rate' && ['rate', load.messagesPerSecond],
    load.kind === 'window' && ['window', load.messages],
    ['duration', `${scenario.durationMs}ms`],
    ['warmup', `${scenario.warmupMs}ms`],
    ['payload', `${payload.minBytes}:${payload.maxBytes}`],
    ['join-rate', scenario.joinsPerSecond],
    ['churn', scenario.churnPerSecond],
    ['reconnect', scenario.cutsPerSecond],
    ['slow', scenario.slow],
    ['frozen', scenario.frozen],
    scenario.clientKind === 'basic' && ['basic', true],
    ['streams-per-connection', scenario.streamsPerTransport],
    ['workers', scenario.workers],
    ['seed', scenario.seed],
    ...scenario.expectations.map((text) => ['expect', text] as const),
  ];
  const words = flags.filter((flag) => flag !== false).flatMap(wordsOf);
  return ['chat-client', 'load', ...words].join(' ');
}

function wordsOf([name, value]: Flag): string[] {
  if (value === true) return [`--${name}`];
  const word = String(value);
  return [`--${name}`, /^[\w.:/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`];
}
