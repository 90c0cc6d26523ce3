import { type Line, piece } from '../../../terminal/line.ts';
import { eventsOf, FAULT_WORDS, type Fault, type FaultTally } from '../../fault.ts';
import { countText } from '../figures.ts';

const KIND_CELLS = 13;
const COUNT_CELLS = 10;

/** Where it was, who found it and which messages it is about: enough to look for it in a log. */
export function whereFault({ room, client, seqs, numbers }: Fault): string {
  const about = [
    ...(seqs === undefined ? [] : [`seq${runText(seqs)}`]),
    ...(numbers === undefined ? [] : [`message${runText(numbers)} of ${numbers.sender}`]),
  ];
  return [`room ${room}`, `client ${client}`, ...about].join(', ');
}

export function faultCount(tallies: readonly FaultTally[]): number {
  return tallies.reduce((sum, { count }) => sum + count, 0);
}

/** Each kind, those too that did not occur: they say what was looked for. */
export function faultLines(tallies: readonly FaultTally[]): Line[] {
  const count = faultCount(tallies);
  const head: Line = [piece('Faults', 'strong'), count === 0 ? piece('  none', 'good') : piece('')];
  return [head, ...tallies.flatMap(tallyLines)];
}

function tallyLines({ kind, count, examples }: FaultTally): Line[] {
  const tone = count === 0 ? 'faint' : 'error';
  const line: Line = [
    piece(`${countText(count).padStart(COUNT_CELLS)}  `, tone),
    piece(kind.padEnd(KIND_CELLS), tone),
    piece(FAULT_WORDS[kind], count === 0 ? 'faint' : 'plain'),
  ];
  const indent = ' '.repeat(COUNT_CELLS + 2);
  const named = examples.map((fault): Line => [piece(`${indent}${whereFault(fault)}`)]);
  const more = count - examples.reduce((sum, fault) => sum + eventsOf(fault), 0);
  return [line, ...named, ...(more > 0 ? [[piece(`${indent}and ${countText(more)} more`, 'faint')]] : [])];
}

/** Behind "seq" or "message". No thousands: it is to be searched for. */
function runText({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? ` ${from}` : `s ${from}–${to}`;
}
