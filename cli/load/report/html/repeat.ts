import type { Load, Scenario } from '../../scenario.ts';
import { countText, durationText, exactText } from '../figures.ts';
import type { Report } from '../report.ts';
import { escaped } from './escape.ts';
import { table } from './table.ts';
import { counted } from './words.ts';

type Words = readonly [words: string, text: (scenario: Scenario) => string];

/** In the order of the page; a setting that has no words does not compile. */
const SETTINGS: Readonly<Record<keyof Scenario, Words>> = {
  name: ['scenario', ({ name }) => name],
  clients: ['clients', ({ clients }) => countText(clients)],
  rooms: ['rooms', ({ rooms }) => countText(rooms)],
  sendersPerRoom: ['senders in each room', ({ sendersPerRoom }) => countText(sendersPerRoom)],
  load: ['load', ({ load }) => loadText(load)],
  durationMs: ['measured for', ({ durationMs }) => durationText(durationMs)],
  warmupMs: ['warmed up for', ({ warmupMs }) => durationText(warmupMs)],
  payload: ['content of a message', ({ payload: { minBytes, maxBytes } }) => payloadText(minBytes, maxBytes)],
  joinsPerSecond: ['joins a second', ({ joinsPerSecond }) => exactText(joinsPerSecond)],
  churnPerSecond: ['clients that leave and come back, a second', ({ churnPerSecond }) => exactText(churnPerSecond)],
  cutsPerSecond: ['clients cut off, a second', ({ cutsPerSecond }) => exactText(cutsPerSecond)],
  slow: ['slow readers', ({ slow }) => countText(slow)],
  frozen: ['readers that stop', ({ frozen }) => countText(frozen)],
  clientKind: ['kind of client', ({ clientKind }) => clientKind],
  streamsPerTransport: ['streams on each transport', ({ streamsPerTransport }) => countText(streamsPerTransport)],
  workers: ['workers', ({ workers }) => countText(workers)],
  // To be copied, so without separators.
  seed: ['seed', ({ seed }) => `${seed}`],
  expectations: ['expected', ({ expectations }) => (expectations.length === 0 ? 'nothing' : expectations.join('\n'))],
};

/** All that a second run needs to be the same. */
export function repeat({ command, scenario, server, tool, machine }: Report): string {
  const settings = Object.values(SETTINGS).map(([name, text]) => [
    name,
    text(scenario).split('\n').map(escaped).join('<br>'),
  ]);
  // A line breaks between words only: not after a hyphen.
  const words = command
    .split(' ')
    .map((word) => `<span>${escaped(word)}</span>`)
    .join(' ');
  return `<section aria-labelledby="repeat"><h2 id="repeat">To repeat this run</h2>
<pre><code>${words}</code></pre>
${table({
  head: [],
  rows: [['server', escaped(server)], ['tool', escaped(tool)], ['machine of the tool', escaped(machine)], ...settings],
})}</section>`;
}

function loadText(load: Load): string {
  switch (load.kind) {
    case 'rate':
      return `${exactText(load.messagesPerSecond)} messages a second from each sender, whether or not the server keeps up`;
    case 'window':
      return `${counted(load.messages, 'message')} unanswered of each sender at any time`;
    case 'idle':
      return 'nobody says anything';
  }
}

function payloadText(minBytes: number, maxBytes: number): string {
  return minBytes === maxBytes ? counted(minBytes, 'byte') : `${countText(minBytes)} to ${counted(maxBytes, 'byte')}`;
}
