import type { ReceivedSpan } from './received.ts';

/** The spans of a trace come from several processes, each of which exports once a second. */
const QUIET_MS = 1200;
const LONGEST_WAIT_MS = 10_000;

/** Beyond these, the oldest trace is forgotten: what then comes of it is a trace of its own. */
const MOST_TRACES = 1000;
const MOST_WAITING_SPANS = 10_000;
const MOST_SPANS_A_TRACE = 500;
/** Of the name of a span that was shown already. */
const MOST_NAME_CHARACTERS = 100;

/** What came of a trace since it was last taken. */
export interface TracePart {
  readonly traceId: string;
  readonly spans: readonly ReceivedSpan[];
  /** Names of the spans of earlier parts, by id; empty in the first. */
  readonly earlier: ReadonlyMap<string, string>;
}

interface Shelved {
  waiting: ReceivedSpan[];
  readonly earlier: Map<string, string>;
  sinceMs: number;
  lastMs: number;
}

/** Keeps spans until their trace has been quiet for a while, so that it can be shown as one. */
export class TraceShelf {
  /** The one that got a span last comes last. */
  readonly #traces = new Map<string, Shelved>();
  #waiting = 0;
  #leftOut = 0;

  add(span: ReceivedSpan, nowMs: number): void {
    const trace: Shelved = this.#traces.get(span.traceId) ?? { waiting: [], earlier: new Map(), sinceMs: 0, lastMs: 0 };
    const { waiting, earlier } = trace;
    if (this.#waiting >= MOST_WAITING_SPANS || waiting.length + earlier.size >= MOST_SPANS_A_TRACE) {
      this.#leftOut += 1;
      return;
    }
    if (waiting.length === 0) trace.sinceMs = nowMs;
    trace.lastMs = nowMs;
    waiting.push(span);
    this.#waiting += 1;
    this.#traces.delete(span.traceId);
    this.#traces.set(span.traceId, trace);
  }

  /** Takes what is quiet, or has waited long enough. With Infinity it takes everything. */
  take(nowMs: number): TracePart[] {
    const parts: TracePart[] = [];
    let tooMany = this.#traces.size - MOST_TRACES;
    for (const [traceId, trace] of this.#traces) {
      const isForgotten = tooMany-- > 0;
      const isDue = nowMs - trace.lastMs >= QUIET_MS || nowMs - trace.sinceMs >= LONGEST_WAIT_MS;
      if (trace.waiting.length > 0 && (isDue || isForgotten)) parts.push(this.#part(traceId, trace));
      if (isForgotten) this.#traces.delete(traceId);
    }
    return parts;
  }

  /** How many spans there was no place for, since this was last asked. */
  takeLeftOut(): number {
    const count = this.#leftOut;
    this.#leftOut = 0;
    return count;
  }

  #part(traceId: string, trace: Shelved): TracePart {
    const part = { traceId, spans: trace.waiting, earlier: new Map(trace.earlier) };
    for (const { spanId, name } of trace.waiting) trace.earlier.set(spanId, name.slice(0, MOST_NAME_CHARACTERS));
    this.#waiting -= trace.waiting.length;
    trace.waiting = [];
    return part;
  }
}
