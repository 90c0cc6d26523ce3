import { describe, expect, test } from 'vitest';
import type { ReceivedSpan } from '../../../../cli/traces/received.ts';
import { spanTree } from '../../../../cli/traces/span-tree.ts';
import { span } from '../../../support/received.ts';

/** A row as it is drawn, with a mark where a parent is missing. */
const drawn = (spans: readonly ReceivedSpan[]) =>
  spanTree(spans).map(({ span, branches, isOrphan }) => `${branches}${span.name}${isOrphan ? ' ?' : ''}`);

const under = (parentSpanId: string, startUnixNano: bigint) => ({ parentSpanId, startUnixNano });

describe('a tree of spans', () => {
  test('has parents above children and siblings by their start, in whatever order they came', () => {
    const spans = [
      span('fanout', under('process', 3n)),
      span('receive b', under('process', 5n)),
      span('grandchild', under('fanout', 4n)),
      span('process', under('send', 2n)),
      span('receive a', under('send', 6n)),
      span('send', { startUnixNano: 1n }),
    ];
    expect(drawn(spans)).toEqual([
      'send',
      '├─ process',
      '│  ├─ fanout',
      '│  │  └─ grandchild',
      '│  └─ receive b',
      '└─ receive a',
    ]);
    expect(drawn(spans.toReversed())).toEqual(drawn(spans));
  });

  test('has a span whose parent did not come for a root, and says so', () => {
    expect(drawn([span('fanout', under('process', 2n)), span('process', under('lost', 1n))])).toEqual([
      'process ?',
      '└─ fanout',
    ]);
  });

  test('has a child below its parent though its clock was behind', () => {
    const spans = [span('child', under('parent', 1n)), span('parent', under('lost', 2n))];
    expect(drawn(spans)).toEqual(['parent ?', '└─ child']);
  });

  test('has several roots one after another', () => {
    expect(drawn([span('b', { startUnixNano: 2n }), span('a', { startUnixNano: 1n })])).toEqual(['a', 'b']);
  });

  interface Case {
    readonly what: string;
    readonly spans: readonly ReceivedSpan[];
    readonly rows: readonly string[];
  }

  test.each<Case>([
    { what: 'a span below itself', spans: [span('a', under('a', 1n))], rows: ['a ?'] },
    {
      what: 'two spans below each other',
      spans: [span('a', under('b', 1n)), span('b', under('a', 2n))],
      rows: ['a ?', '└─ b'],
    },
    {
      what: 'an id that came twice',
      spans: [span('a'), span('a', { startUnixNano: 1n }), span('b', under('a', 2n))],
      rows: ['a', '└─ b', 'a'],
    },
    {
      what: 'an id that came again below itself',
      spans: [span('a'), span('b', under('a', 1n)), span('a', under('b', 2n)), span('c', under('a', 3n))],
      rows: ['a', '├─ b', '│  └─ a', '│     └─ c'],
    },
  ])('holds each span once: $what', ({ spans, rows }) => {
    expect(drawn(spans)).toEqual(rows);
  });
});
