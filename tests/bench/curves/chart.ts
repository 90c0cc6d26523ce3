import { countText, roundLatencyText } from '../../../cli/load/report/figures.ts';
import { linearAxis, logAxis } from '../../../cli/load/report/html/axis.ts';
import { escaped } from '../../../cli/load/report/html/escape.ts';
import { LEFT } from '../../../cli/load/report/html/time-chart.ts';
import { type Curve, type Curves, isToolLimited, type Point, SWIFT_MICROS } from './curve.ts';
import { type Line, type Panel, PLOT, panelOf, SWATCH_WIDTH, swatchOf } from './panel.ts';
import { ladderOf, type Shape } from './shapes.ts';

const HEADING = 34;
/** Of a cell, around its plot. */
const ABOVE = 40;
const BELOW = 50;
const CELL = { width: LEFT + PLOT.width + 30, height: ABOVE + PLOT.height + BELOW };
const ROW = 26;

/** On its own ground, for a page may be of any colour. Colours are those of the load tester's page. */
const STYLE = `
svg { --paper: #ffffff; --ink: #1a1f26; --faint: #57606a; --edge: #d0d7de; --blue: #0b4f9e; --orange: #c2560a; --red: #8f1d5e; --green: #2c7a3d; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #12161b; --ink: #e6eaef; --faint: #a0aab5; --edge: #38424d; --blue: #3f8ee8; --orange: #e0913f; --red: #e78fd3; --green: #6cc07c; }
}
.paper { fill: var(--paper); }
text { font: 13px system-ui, sans-serif; fill: var(--faint); }
.title, .name { fill: var(--ink); }
.heading { fill: var(--ink); font-size: 16px; font-weight: 600; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.grid { fill: none; stroke: var(--edge); }
.tick { fill: none; stroke: var(--faint); }
.ours { --colour: var(--blue); } .plain-grpc-js { --colour: var(--orange); } .plain-http2 { --colour: var(--green); } .plain-ws { --colour: var(--red); }
.line { fill: none; stroke: var(--colour); stroke-width: 2; stroke-linejoin: round; }
.variant-1 .line { stroke-dasharray: 7 5; }
.variant-2 .line { stroke-dasharray: 2 4; }
.variant-3 .line { stroke-dasharray: 12 4 2 4; }
.full { fill: var(--colour); stroke: var(--paper); }
.hollow { fill: var(--paper); stroke: var(--colour); stroke-width: 2; }
`;

/** Latencies above, beneath them the server's core and what the lines stand for. */
export function drawingOf({ shape, words, seconds, rounds, curves }: Curves): string {
  const lines = linesOf(curves);
  const points = curves.flatMap((curve) => curve.points);
  const offered = ladderOf(shape);
  const heading = `${roomsText(shape)}: medians of ${rounds} × ${seconds} s`;
  const cells = [...panelsOf(points).map((panel) => panelOf(panel, lines, offered)), legendOf(lines, points)];
  const width = 2 * CELL.width;
  const height = HEADING + 2 * CELL.height;
  const placed = cells.map((cell, index) => {
    const left = (index % 2) * CELL.width;
    const top = HEADING + Math.floor(index / 2) * CELL.height + ABOVE;
    return `<g transform="translate(${left} ${top})">\n${cell}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(`${heading}. Latency and CPU against the offered load.`)}</title>
<desc>${escaped(words)}</desc>
<style>${STYLE}</style>
<rect class="paper" width="${width}" height="${height}" rx="10"/>
<text class="heading" x="${LEFT}" y="28">${escaped(heading)}</text>
${placed.join('\n')}
</svg>
`;
}

function linesOf(curves: readonly Curve[]): readonly Line[] {
  return curves.map((curve, index) => {
    const variant = curves.slice(0, index).filter(({ server }) => server === curve.server).length;
    return { curve, variant };
  });
}

/** Both latencies on the same axis, so that they can be laid beside each other; what is swift, and what is not, is always on it. */
function panelsOf(points: readonly Point[]): readonly Panel[] {
  const latencies = points.flatMap(({ summary: { p50, p99 } }) => [p50, p99]).filter((micros) => micros !== undefined);
  const latency = logAxis(
    Math.min(SWIFT_MICROS, ...latencies),
    Math.max(SWIFT_MICROS + 1, ...latencies),
    roundLatencyText,
  );
  const corePercent = ({ summary }: Point) => summary.serverCores && summary.serverCores * 100;
  const mostPercent = Math.max(100, ...points.map((point) => corePercent(point) ?? 0));
  return [
    { title: 'p50, from post to delivery, log scale', axis: latency, value: ({ summary }) => summary.p50 },
    { title: 'p99, from post to delivery, log scale', axis: latency, value: ({ summary }) => summary.p99 },
    {
      title: 'CPU of the server, percent of a core',
      axis: linearAxis(mostPercent, PLOT.height, (percent) => `${percent} %`),
      value: corePercent,
    },
  ];
}

function legendOf(lines: readonly Line[], points: readonly Point[]): string {
  const entries = lines.map((one) => ({ swatch: swatchOf(one), name: one.curve.name }));
  const notes = [
    ...(points.some(isToolLimited) ? ['Hollow: the load tester was the limit.'] : []),
    'A line ends at the highest load,',
    'or far beyond what its server takes.',
  ];
  return [
    ...entries.map(({ swatch, name }, row) => {
      const y = ROW * row;
      return `<g transform="translate(${LEFT} ${y})">${swatch}<text class="name" x="${SWATCH_WIDTH + 12}" y="4">${escaped(name)}</text></g>`;
    }),
    ...notes.map((note, row) => `<text x="${LEFT}" y="${ROW * (lines.length + 0.5 + row)}">${note}</text>`),
  ].join('\n');
}

function roomsText({ rooms, members }: Shape): string {
  return rooms === 1 ? `One room of ${countText(members)}` : `${countText(rooms)} rooms of ${countText(members)}`;
}
