import { fitted } from '../../terminal/cells.ts';
import { fittedLine, type Line, lineCells, piece } from '../../terminal/line.ts';
import { byteRateText, clockText, countText, rateText } from '../report/figures.ts';
import type { ClientState, Phase } from '../report/report.ts';
import { LABEL_CELLS, labelled, labelPiece } from '../report/text/labelled.ts';
import { crowdText } from '../report/text/scenario-lines.ts';
import { barText, sparkline } from './bars.ts';
import type { Progress } from './progress.ts';
import { timeLeft } from './time-left.ts';

/** With more, the bar tells nothing more. */
const MOST_BAR_CELLS = 60;

const MOST_NAME_CELLS = 24;
/** The order in which they are told; what matters most is not cut off. */
const STATES: readonly ClientState[] = ['seated', 'joining', 'waiting', 'away', 'given up'];
const STILL_TO_COME: Readonly<Record<Exclude<Phase, 'joining' | 'measuring'>, string>> = {
  'warming up': 'under load, but nothing is measured yet',
  settling: 'nothing is sent any more; what is on its way may still come',
  leaving: 'everybody leaves, then comes the report',
};

/** What runs, how far it is, who is there, and what happens now: five rows. */
export function headRows(progress: Progress, columns: number): Line[] {
  return [
    titleRow(progress, columns),
    stageRow(progress, columns),
    stateRow(progress, columns),
    rateRow(progress, columns),
    deliveryRow(progress, columns),
  ];
}

function titleRow({ scenario, server, phase, elapsedMs }: Progress, columns: number): Line {
  const clock = piece(` ${clockText(elapsedMs)}`, 'strong');
  const room = columns - lineCells([clock]);
  let title: Line = [piece(phase, 'strong')];
  for (const part of [crowdText(scenario), fitted(scenario.name, MOST_NAME_CELLS), server]) {
    const longer = [...title, piece(` · ${part}`)];
    if (lineCells(longer) <= room) title = longer;
  }
  return fittedLine([...title, piece(' '.repeat(Math.max(0, room - lineCells(title)))), clock], columns);
}

function stageRow(progress: Progress, columns: number): Line {
  const { phase, scenario, leftMs } = progress;
  const left = timeLeft(progress);
  const behind = left === undefined ? '' : `, ${left}`;
  switch (phase) {
    case 'joining': {
      const seated = statesOf(progress)?.seated ?? 0;
      const part = scenario.clients > 0 ? seated / scenario.clients : 0;
      return barRow(part, `${countText(seated)} of ${countText(scenario.clients)} seated`, columns);
    }
    case 'measuring': {
      const { durationMs } = scenario;
      const doneMs = durationMs - Math.min(durationMs, leftMs ?? durationMs);
      const part = durationMs > 0 ? doneMs / durationMs : 1;
      return barRow(part, `${clockText(doneMs)} of ${clockText(durationMs)}${behind}`, columns);
    }
    default:
      return fittedLine([labelPiece('stage'), piece(`${STILL_TO_COME[phase]}${behind}`)], columns);
  }
}

function barRow(part: number, words: string, columns: number): Line {
  const text = piece(`  ${words}`);
  const cells = Math.min(MOST_BAR_CELLS, columns - LABEL_CELLS - lineCells([text]));
  return fittedLine([labelPiece('stage'), piece(barText(part, cells)), text], columns);
}

/** All the states; where they do not fit, those that somebody is in. */
function stateRow(progress: Progress, columns: number): Line {
  const states = statesOf(progress);
  const parts = (shown: readonly ClientState[]) =>
    shown.map((state): Line => {
      const count = states?.[state] ?? 0;
      return [piece(`${countText(count)} ${state}`, state === 'given up' && count > 0 ? 'error' : 'plain')];
    });
  const [all = [], ...beyond] = labelled('clients', parts(STATES), { columns });
  if (beyond.length === 0) return all;
  const some = STATES.filter((state) => (states?.[state] ?? 0) > 0);
  return labelled('clients', parts(some), { columns })[0] ?? [];
}

function rateRow({ points }: Progress, columns: number): Line {
  const { posts = 0, deliveries = 0, receivedBytes = 0 } = points.at(-1) ?? {};
  const rates = [`${rateText(posts)} posts/s`, `${rateText(deliveries)} deliveries/s`, byteRateText(receivedBytes)];
  const parts = rates.map((text): Line => [piece(text)]);
  return labelled('now', parts, { columns })[0] ?? [];
}

function deliveryRow({ points }: Progress, columns: number): Line {
  const most = points.reduce((most, { deliveries }) => Math.max(most, deliveries), 0);
  const scale = piece(most > 0 ? ` up to ${rateText(most)}/s` : 'none yet', 'faint');
  const cells = Math.max(0, columns - LABEL_CELLS - lineCells([scale]));
  const shown = cells === 0 ? [] : points.slice(-cells).map(({ deliveries }) => deliveries);
  return fittedLine([labelPiece('deliveries'), piece(sparkline(shown)), scale], columns);
}

function statesOf({ points }: Progress) {
  return points.at(-1)?.states;
}
