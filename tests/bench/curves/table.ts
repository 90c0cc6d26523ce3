import { countText, latencyText, roundLatencyText } from '../../../cli/load/report/figures.ts';
import { NONE } from '../../../cli/load/report/html/words.ts';
import {
  type Curve,
  type Curves,
  commonLoad,
  isReached,
  isSwift,
  isToolLimited,
  type Point,
  SWIFT_MICROS,
} from './curve.ts';
import { ladderOf } from './shapes.ts';

const HEAD = [
  'rooms × members',
  'server, clients',
  'most deliveries/s reached',
  `with p99 < ${roundLatencyText(SWIFT_MICROS)}`,
  'at deliveries/s',
  'CPU µs a delivery',
  'p50',
  'p99',
  'faults, errors',
];

/** As Markdown: a row a shape and contender. From the load on, the cells are of one that all contenders of the shape reach. */
export function tableOf(all: readonly Curves[]): string {
  const rows = all.flatMap(({ shape, curves }) => {
    const load = commonLoad(curves);
    const highest = ladderOf(shape).at(-1);
    const name = `${countText(shape.rooms)} × ${countText(shape.members)}`;
    return curves.map((curve) => [name, ...cellsOf(curve, load, highest)]);
  });
  const isStarred = all.some(({ curves }) => curves.some(({ points }) => points.some(isToolLimited)));
  return [
    ...[HEAD, HEAD.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
    ...(isStarred ? ['', '\\* The load tester was the limit in a round or more: the server may do better.'] : []),
  ].join('\n');
}

/** @param highest load that anybody was driven at. */
function cellsOf({ name, points }: Curve, load: number | undefined, highest: number | undefined): string[] {
  const common = points.find(({ offered }) => offered === load);
  const { serverCpuMicrosPerDelivery: cpu, p50, p99 } = common?.summary ?? {};
  const latency = (micros: number | undefined) => (micros === undefined ? NONE : latencyText(micros));
  const starred = (text: string, of: readonly Point[]) => (of.some(isToolLimited) ? `${text} *` : text);
  // What kept it from more shows in the next point.
  const most = (isSo: (point: Point) => boolean) => {
    const at = points.findLastIndex(isSo);
    const offered = points[at]?.offered;
    const text = offered === undefined ? NONE : `${offered === highest ? '≥ ' : ''}${countText(offered)}`;
    return starred(text, points.slice(Math.max(0, at)));
  };
  const sum = (of: (point: Point) => number) => countText(points.reduce((total, point) => total + of(point), 0));
  return [
    name,
    most(isReached),
    most(isSwift),
    starred(load === undefined ? NONE : countText(load), common === undefined ? [] : [common]),
    cpu?.toFixed(2) ?? NONE,
    latency(p50),
    latency(p99),
    `${sum(({ summary }) => summary.faults)}, ${sum(({ summary }) => summary.errors)}`,
  ];
}
