import { type Line, piece } from '../terminal/line.ts';
import { metricLine, tableLines } from './metric-lines.ts';
import { MetricTable } from './metric-table.ts';
import type { Sink } from './received.ts';
import { logLine, traceLines } from './trace-lines.ts';
import { TraceShelf } from './trace-shelf.ts';

/** Lines that wait for the next time they are drawn; more than that nobody could read. */
const MOST_LINES_WAITING = 5000;

/** Where lines go. */
export interface Display {
  /** Metrics stand in a table beneath the lines; otherwise each point is a line. */
  readonly hasTable: boolean;
  readonly mostTableLines: number;
  draw(lines: readonly Line[], table: readonly Line[]): void;
}

/** Makes of what arrives what is to be seen: traces once they are quiet, logs and metrics at once. */
export class Show implements Sink {
  readonly #display: Display;
  readonly #monotonicMs: () => number;
  readonly #shelf = new TraceShelf();
  readonly #table = new MetricTable();
  #lines: Line[] = [];
  #leftOut = 0;
  #isTableNew = false;

  constructor(display: Display, monotonicMs: () => number) {
    this.#display = display;
    this.#monotonicMs = monotonicMs;
  }

  readonly spans: Sink['spans'] = (spans) => {
    for (const span of spans) this.#shelf.add(span, this.#monotonicMs());
  };

  readonly points: Sink['points'] = (points) => {
    for (const point of points) {
      const row = this.#table.add(point, this.#monotonicMs());
      if (row !== undefined && !this.#display.hasTable) this.#append(metricLine(row, point.timeUnixNano));
    }
    this.#isTableNew = true;
  };

  readonly logs: Sink['logs'] = (logs) => {
    for (const log of logs) this.#append(logLine(log));
  };

  /** Draws what is new; to be called a few times a second. */
  draw(): void {
    this.#drawAt(this.#monotonicMs());
  }

  /** The size of the display is another. */
  resized(): void {
    this.#isTableNew = true;
  }

  /** Draws what still waits, too. */
  end(): void {
    this.#drawAt(Number.POSITIVE_INFINITY);
  }

  #drawAt(nowMs: number): void {
    this.#table.forget(this.#monotonicMs());
    for (const part of this.#shelf.take(nowMs)) for (const line of traceLines(part)) this.#append(line);
    const leftOut = this.#leftOut + this.#shelf.takeLeftOut() + this.#table.takeLeftOut();
    this.#leftOut = 0;
    if (leftOut > 0) this.#lines.push([piece(`${leftOut} more came than can be shown`, 'warning')]);
    if (this.#lines.length === 0 && !this.#isTableNew) return;
    const { hasTable, mostTableLines } = this.#display;
    const table = hasTable ? tableLines(this.#table.rows(), mostTableLines) : [];
    this.#display.draw(this.#lines, table);
    this.#lines = [];
    this.#isTableNew = false;
  }

  #append(line: Line): void {
    if (this.#lines.length < MOST_LINES_WAITING) this.#lines.push(line);
    else this.#leftOut += 1;
  }
}
