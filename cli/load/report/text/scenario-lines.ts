import { type Line, piece } from '../../../terminal/line.ts';
import type { Load, Scenario } from '../../scenario.ts';
import { countText, durationText, exactText } from '../figures.ts';
import type { Report } from '../report.ts';
import { labelled } from './labelled.ts';

/** "5,000 clients in 100 rooms" */
export function crowdText({ clients, rooms }: Scenario): string {
  return `${counted(clients, 'client')} in ${counted(rooms, 'room')}`;
}

/** What was run, against what, by what. */
export function scenarioLines(
  { scenario, server, startedAt, tool, machine, command }: Report,
  columns: number,
): Line[] {
  const words = (...texts: readonly string[]) => texts.map((text): Line => [piece(text)]);
  return [
    [piece(scenario.name, 'strong'), piece(` at ${server}`)],
    ...labelled('scenario', words(...crowdWords(scenario), ...trafficWords(scenario)), { columns }),
    ...labelled('run', words(startedAt, tool, machine), { columns }),
    // In one row however long: it is to be copied.
    [piece('again      ', 'faint'), piece(command)],
  ];
}

function crowdWords(scenario: Scenario): string[] {
  const { sendersPerRoom, durationMs, warmupMs, load, clientKind, slow, frozen } = scenario;
  const warmup = warmupMs > 0 ? ` after ${durationText(warmupMs)} of warming up` : '';
  return [
    crowdText(scenario),
    ...(load.kind === 'idle' ? [] : [`${counted(sendersPerRoom, 'sender')} a room`]),
    loadText(load),
    `${durationText(durationMs)}${warmup}`,
    `${clientKind} clients`,
    ...(slow > 0 ? [`${countText(slow)} slow`] : []),
    ...(frozen > 0 ? [`${countText(frozen)} frozen`] : []),
  ];
}

function trafficWords(scenario: Scenario): string[] {
  const { payload, load, joinsPerSecond, churnPerSecond, cutsPerSecond, streamsPerTransport, workers, seed } = scenario;
  const { minBytes, maxBytes } = payload;
  const size = minBytes === maxBytes ? exactText(minBytes) : `${exactText(minBytes)} to ${exactText(maxBytes)}`;
  return [
    ...(load.kind === 'idle' ? [] : [`payloads of ${size} bytes`]),
    `${exactText(joinsPerSecond)} joins/s`,
    ...(churnPerSecond > 0 ? [`churn ${exactText(churnPerSecond)}/s`] : []),
    ...(cutsPerSecond > 0 ? [`cuts ${exactText(cutsPerSecond)}/s`] : []),
    `${counted(streamsPerTransport, 'stream')} a transport`,
    counted(workers, 'worker'),
    `seed ${seed}`,
  ];
}

function loadText(load: Load): string {
  switch (load.kind) {
    case 'rate':
      return `open loop, ${exactText(load.messagesPerSecond)} messages/s a sender`;
    case 'window':
      return `closed loop, ${countText(load.messages)} unanswered a sender`;
    case 'idle':
      return 'nobody says anything';
  }
}

function counted(count: number, thing: string): string {
  return `${countText(count)} ${thing}${count === 1 ? '' : 's'}`;
}
