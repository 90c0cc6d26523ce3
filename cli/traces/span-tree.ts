import type { ReceivedSpan } from './received.ts';

/** A span in its place. Rows come in the order in which they are drawn. */
export interface SpanRow {
  readonly span: ReceivedSpan;
  /** The branches that lead to it, such as `│  └─ `. */
  readonly branches: string;
  /** It names a parent that is not among the spans, or that is below itself. */
  readonly isOrphan: boolean;
}

/** Parents above children, siblings by their start. Any spans will do: each of them is in one row. */
export function spanTree(spans: readonly ReceivedSpan[]): SpanRow[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const inOrder = spans.toSorted((a, b) => compare(a.startUnixNano, b.startUnixNano));
  const children = Map.groupBy(inOrder, ({ parentSpanId }) => parentSpanId);
  const rows: SpanRow[] = [];
  const placed = new Set<ReceivedSpan>();

  const place = (span: ReceivedSpan, above: string, fork: string) => {
    placed.add(span);
    rows.push({ span, branches: above + fork, isOrphan: fork === '' && span.parentSpanId !== '' });
    const below = children.get(span.spanId) ?? [];
    const inset = above + (fork === '' ? '' : fork === '└─ ' ? '   ' : '│  ');
    for (const [index, child] of below.entries()) {
      // Of two spans with one id the other may have it.
      if (!placed.has(child)) place(child, inset, index === below.length - 1 ? '└─ ' : '├─ ');
    }
  };

  const isRoot = ({ parentSpanId }: ReceivedSpan) => parentSpanId === '' || !ids.has(parentSpanId);
  for (const root of inOrder.filter(isRoot)) place(root, '', '');
  // What is left goes round in circles: no exporter makes that, a stranger may.
  for (const span of inOrder) if (!placed.has(span)) place(span, '', '');
  return rows;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
