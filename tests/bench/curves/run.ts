/**
 * `make curves`: what the server and others can take, and what it costs them. Each is
 * offered ever more deliveries a second, the contenders in turn at each step. Fails only
 * when something broke, never because of a figure. docs/performance.md tells how to
 * read what it draws.
 */
import { countText, latencyText } from '../../../cli/load/report/figures.ts';
import { counted } from '../../../cli/load/report/html/words.ts';
import type { Report } from '../../../cli/load/report/report.ts';
import { machine } from '../../../cli/load/run/machine.ts';
import { Children } from '../children.ts';
import { type Contender, curveContenders } from '../contenders.ts';
import { findPinning } from '../pinning.ts';
import { summaryOf } from '../summary.ts';
import { trial } from '../trial.ts';
import { type Asked, askedOf } from './asked.ts';
import { type Curve, type Curves, isFarBeyond, type Point } from './curve.ts';
import { startReceiver } from './receiver.ts';
import { keep, makeFolder, REPORT } from './results.ts';
import { ladderOf, loadOf, type Shape } from './shapes.ts';
import { tableOf } from './table.ts';

const { seconds, rounds, shapes } = asked();
const children = new Children();
const pinning = findPinning();
const words = `${machine()}; ${pinning.words}`;
console.log(`${words}; ${counted(rounds, 'round')}, ${seconds} s measured each after 1 s of warm-up\n`);

const all: Curves[] = [];
try {
  makeFolder();
  const otlpPort = await startReceiver(children, pinning);
  for (const shape of shapes) {
    const contenders = curveContenders(otlpPort, shape.rooms * shape.members);
    const curves = { shape, words, seconds, rounds, curves: await curvesOf(shape, contenders) };
    keep(curves);
    all.push(curves);
  }
} catch (error) {
  process.stderr.write(`curves: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
console.log(`\n${tableOf(all)}\n`);
console.log('Charts and all points: curve-results/   How to read this: docs/performance.md');
const only = shapes.length === 1 ? ` ONLY=${shapes[0]?.name}` : '';
console.log(`Again: make curves SECONDS=${seconds} ROUNDS=${rounds}${only}`);
process.exit(0);

function asked(): Asked {
  try {
    return askedOf(process.env);
  } catch (error) {
    process.stderr.write(`curves: ${error instanceof Error ? error.message : error}\n`);
    process.exit(2);
  }
}

/** Up the ladder; whoever is far beyond what it can take stays behind. */
async function curvesOf(shape: Shape, contenders: readonly Contender[]): Promise<readonly Curve[]> {
  const climbing = new Set(contenders);
  const points = new Map(contenders.map((contender) => [contender, [] as Point[]]));
  for (const offered of ladderOf(shape)) {
    for (const [contender, reports] of await stepOf(shape, offered, [...climbing])) {
      const point = { offered, summary: summaryOf(reports) };
      points.get(contender)?.push(point);
      if (!isFarBeyond(point)) continue;
      climbing.delete(contender);
      console.log(`${shape.name}: ${contender.name} is far beyond what it can take, and is offered no more`);
    }
  }
  return contenders.map((contender) => {
    const { name, server } = contender;
    return { name, server, points: points.get(contender) ?? [] };
  });
}

async function stepOf(shape: Shape, offered: number, contenders: readonly Contender[]) {
  const reports = new Map(contenders.map((contender) => [contender, [] as Report[]]));
  for (let round = 1; round <= rounds; round++) {
    for (const contender of contenders) {
      const step = `${shape.name}, ${countText(offered)} deliveries/s, round ${round} of ${rounds}`;
      process.stdout.write(`${step}, ${contender.name} … `);
      const report = await trial(contender, loadOf(shape, offered), { children, pinning, seconds, json: REPORT });
      reports.get(contender)?.push(report);
      console.log(outcomeOf(report));
    }
  }
  return reports;
}

function outcomeOf(report: Report): string {
  const { deliveriesPerSecond, p99, toolLimited } = summaryOf([report]);
  const latency = p99 === undefined ? 'nothing came' : `p99 ${latencyText(p99)}`;
  const faults = report.faults.filter(({ count }) => count > 0).map(({ kind, count }) => `${countText(count)} ${kind}`);
  const errors = report.errors.map(({ reason, count }) => `${countText(count)} ${reason}`);
  const told = [countText(deliveriesPerSecond.median), latency, ...faults, ...errors].join(', ');
  return toolLimited > 0 ? `${told} *` : told;
}
