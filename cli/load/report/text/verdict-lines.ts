import { cellsOf } from '../../../terminal/cells.ts';
import { type Line, piece } from '../../../terminal/line.ts';
import type { FaultTally } from '../../fault.ts';
import { countText, durationText } from '../figures.ts';
import type { Report, Verdict } from '../report.ts';
import { faultCount } from './fault-lines.ts';
import { sentence } from './sentence.ts';

/** What keeps the figures from being what they look like. */
export function bannerLines({ lag, isEndedEarly, measuredMs, scenario }: Report, columns: number): Line[] {
  const { toolWasLimit } = lag;
  const measured = durationText(Math.round(measuredMs / 100) * 100);
  const early = `Ended early: ${measured} of ${durationText(scenario.durationMs)} were measured.`;
  const limit = 'The tool was the limit, so the figures say more about it than about the server.';
  const texts = [...(isEndedEarly ? [early] : []), ...(toolWasLimit === undefined ? [] : [`${limit} ${toolWasLimit}`])];
  return texts.flatMap((text) => sentence('! ', text, { columns, tone: 'warning' }));
}

/** What was expected, what was found, and at the very end, where one looks first, what that means. */
export function verdictLines(verdict: Verdict, faults: readonly FaultTally[]): Line[] {
  const { expectations, holds } = verdict;
  const cells = Math.max(0, ...expectations.map(({ text }) => cellsOf(piece(text).text)));
  const kept = expectations.filter(({ holds }) => holds).length;
  const found = faultCount(faults);
  const why = [
    expectations.length === 0
      ? 'nothing was expected of it'
      : `${countText(kept)} of ${countText(expectations.length)} expectations hold`,
    found === 1 ? '1 fault' : `${countText(found)} faults`,
  ].join(', ');
  return [
    ...(expectations.length === 0 ? [] : [[piece('Expectations', 'strong')]]),
    ...expectations.map(({ text, actual, holds }): Line => {
      const expected = piece(text);
      const blanks = ' '.repeat(cells - cellsOf(expected.text));
      return [signPiece(holds, '  '), expected, piece(`${blanks}  found ${actual}`)];
    }),
    ...(expectations.length === 0 ? [] : [[]]),
    [signPiece(holds, ''), piece(why, 'strong')],
  ];
}

/** The word is there for who sees neither colours nor the difference of two small signs. */
function signPiece(holds: boolean, indent: string) {
  return holds ? piece(`${indent}✓ holds   `, 'good') : piece(`${indent}✗ broken  `, 'error');
}
