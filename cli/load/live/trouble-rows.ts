import { fittedLine, type Line, piece } from '../../terminal/line.ts';
import type { FaultTally } from '../fault.ts';
import { countText } from '../report/figures.ts';
import type { ErrorTally } from '../report/report.ts';
import { whereFault } from '../report/text/fault-lines.ts';
import { LABEL_CELLS, labelled } from '../report/text/labelled.ts';

interface Size {
  readonly columns: number;
  readonly rows: number;
}

const NONE: Line = [piece('none so far', 'good')];

/** Kinds and counts, and in the other rows the first one of each kind by name. */
export function faultRows(faults: readonly FaultTally[], { columns, rows }: Size): Line[] {
  const found = faults.filter(({ count }) => count > 0);
  if (found.length === 0) return labelled('faults', [NONE], { columns });
  const counts = found.map(({ kind, count }): Line => [piece(`${countText(count)} ${kind}`, 'error')]);
  const examples = found.flatMap(({ kind, examples: [first] }): Line[] =>
    first === undefined ? [] : [[piece(`${' '.repeat(LABEL_CELLS)}${kind}: ${whereFault(first)}`)]],
  );
  const all = [...labelled('faults', counts, { columns, rows: 1 }), ...examples];
  return all.slice(0, rows).map((line) => fittedLine(line, columns));
}

/** Reasons, the most frequent first, as many as fit. */
export function errorRows(errors: readonly ErrorTally[], { columns, rows }: Size): Line[] {
  const parts = errors.map(({ reason, count }): Line => [piece(`${countText(count)} ${reason}`, 'error')]);
  return labelled('errors', parts.length === 0 ? [NONE] : parts, { columns, rows });
}
