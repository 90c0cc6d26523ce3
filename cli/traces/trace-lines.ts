import { type Line, type Piece, piece } from '../terminal/line.ts';
import { attributeText } from './attribute-text.ts';
import { clockTime, duration, durationBetween } from './quantities.ts';
import type { ReceivedLog, ReceivedSpan, SpanEvent } from './received.ts';
import { spanTree } from './span-tree.ts';
import type { TracePart } from './trace-shelf.ts';

const WARNING = 13;
const ERROR = 17;

/** A head with the trace id, and beneath it a line a span, each with what happened in it. */
export function traceLines({ traceId, spans, earlier }: TracePart): Line[] {
  const starts = spans.map(({ startUnixNano }) => startUnixNano);
  const start = starts.reduce((a, b) => (a < b ? a : b), starts[0] ?? 0n);
  const end = spans.reduce((latest, { endUnixNano }) => (endUnixNano > latest ? endUnixNano : latest), start);
  const count = `${spans.length} ${earlier.size > 0 ? 'more ' : ''}${spans.length === 1 ? 'span' : 'spans'}`;
  const head = [
    piece(`${clockTime(start)} `, 'faint'),
    piece(`trace ${traceId}`, 'strong'),
    piece(`  ${count}, ${durationBetween(start, end)}`, 'faint'),
  ];
  return [
    head,
    ...spanTree(spans).flatMap(({ span, branches, isOrphan }) => [
      spanLine(span, {
        branches,
        origin: isOrphan ? `under ${earlier.get(span.parentSpanId) ?? 'a span that has not come'}` : '',
        afterS: Number(span.startUnixNano - start) / 1e9,
      }),
      ...span.events.map((event) => eventLine(event, branches, span)),
    ]),
  ];
}

export function logLine(log: ReceivedLog): Line {
  const tone = log.severity >= ERROR ? 'error' : log.severity >= WARNING ? 'warning' : 'plain';
  return joined([
    piece(`${clockTime(log.timeUnixNano)} log`, 'faint'),
    piece(log.level, tone),
    piece(log.service, 'strong'),
    piece(log.body, tone),
    piece(attributeText(log.attributes), 'faint'),
    piece(log.traceId === '' ? '' : `trace ${log.traceId}`, 'faint'),
  ]);
}

function spanLine(span: ReceivedSpan, place: { branches: string; origin: string; afterS: number }): Line {
  const { branches, origin, afterS } = place;
  const isError = span.error !== undefined;
  const words = joined([
    piece(span.name, isError ? 'error' : 'strong'),
    piece(span.service),
    piece(span.kind, 'faint'),
    piece(durationBetween(span.startUnixNano, span.endUnixNano)),
    piece(isError ? `ERROR ${span.error}`.trimEnd() : '', 'error'),
    piece(afterS > 0 ? `+${duration(afterS)}` : '', 'faint'),
    piece(attributeText(span.attributes)),
    piece(span.links.map(({ traceId }) => `→ ${traceId.slice(0, 8)}`).join(' '), 'faint'),
    piece(origin, 'faint'),
  ]);
  return [piece(`  ${branches}`, 'faint'), ...words];
}

function eventLine({ name, timeUnixNano, attributes }: SpanEvent, branches: string, span: ReceivedSpan): Line {
  const indent = ' '.repeat(branches.length);
  const isException = name === 'exception';
  const words = joined([
    piece(name, isException ? 'error' : 'plain'),
    piece(`+${durationBetween(span.startUnixNano, timeUnixNano)}`, 'faint'),
    piece(attributeText(attributes), isException ? 'error' : 'plain'),
  ]);
  return [piece(`  ${indent}· `, 'faint'), ...words];
}

/** With two blanks between those that say something. */
function joined(pieces: readonly Piece[]): Line {
  return pieces.filter(({ text }) => text !== '').flatMap((one, index) => (index === 0 ? [one] : [piece('  '), one]));
}
