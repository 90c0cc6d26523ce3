import { eventsOf, FAULT_WORDS, type Fault, type FaultTally } from '../../fault.ts';
import { countText } from '../figures.ts';
import type { Report } from '../report.ts';
import { escaped } from './escape.ts';
import { table } from './table.ts';
import { NONE } from './words.ts';

export function faultTables({ faults }: Report): string {
  const rows = faults.map(({ kind, count: found }) => [
    kind,
    found === 0 ? '0' : `<b class="bad">${countText(found)}</b>`,
    FAULT_WORDS[kind],
  ]);
  const examples = faults.flatMap(exampleRows);
  return `<section aria-labelledby="faults"><h2 id="faults">Faults</h2>
${table({ head: ['kind', 'events', 'meaning'], rows })}
${examples.length === 0 ? '' : `<h3>Examples</h3>\n${table({ head: ['kind', 'room', 'found by', 'events'], rows: examples })}`}
</section>`;
}

function exampleRows({ kind, count: found, examples }: FaultTally): string[][] {
  const more = found - examples.reduce((sum, fault) => sum + eventsOf(fault), 0);
  const rows = examples.map((fault) => [kind, escaped(fault.room), escaped(fault.client), eventText(fault)]);
  return more > 0 ? [...rows, [kind, '', '', `and ${countText(more)} more`]] : rows;
}

function eventText({ seqs, numbers }: Fault): string {
  const parts = [
    ...(seqs === undefined ? [] : [rangeText('seq', seqs)]),
    ...(numbers === undefined ? [] : [`${rangeText('message', numbers)} of ${escaped(numbers.sender)}`]),
  ];
  return parts.length === 0 ? NONE : parts.join(', ');
}

/** Without separators: these are looked for in logs. */
function rangeText(word: string, { from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? `${word} ${from}` : `${word}s ${from} to ${to}`;
}
