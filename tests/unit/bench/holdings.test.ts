import { expect, test } from 'vitest';
import { HeapGraph, type HeapSnapshot } from '../../bench/memory/heap-graph.ts';
import { growthOf, type Holding, holdingsOf } from '../../bench/memory/holdings.ts';

const KINDS = ['hidden', 'array', 'string', 'object', 'closure', 'number', 'native'];
const LINKS = ['property', 'weak'];

interface Thing {
  readonly kind: string;
  readonly name: string;
  readonly bytes: number;
  /** Numbers of the things it holds. */
  readonly holds?: readonly number[];
  readonly holdsWeakly?: readonly number[];
}

/** A snapshot as V8 lays it out: flat, a target being where it begins among the numbers. */
function snapshotOf(things: readonly Thing[]): HeapSnapshot {
  const nodeFields = ['type', 'name', 'id', 'self_size', 'edge_count', 'detachedness'];
  const edge = (link: string) => (to: number) => [LINKS.indexOf(link), 0, to * nodeFields.length];
  const edgesOf = ({ holds = [], holdsWeakly = [] }: Thing) => [
    ...holds.map(edge('property')),
    ...holdsWeakly.map(edge('weak')),
  ];
  return {
    snapshot: {
      meta: {
        node_fields: nodeFields,
        node_types: [KINDS, 'string', 'number', 'number', 'number', 'number'],
        edge_fields: ['type', 'name_or_index', 'to_node'],
        edge_types: [LINKS, 'string_or_number', 'node'],
      },
    },
    nodes: things.flatMap((thing, i) => {
      return [KINDS.indexOf(thing.kind), i, 100 + i, thing.bytes, edgesOf(thing).length, 0];
    }),
    edges: things.flatMap((thing) => edgesOf(thing).flat()),
    strings: things.map(({ name }) => name),
  };
}

function holdings(things: readonly Thing[]): readonly Holding[] {
  return holdingsOf(new HeapGraph(snapshotOf(things)));
}

const ROOM: Thing = { kind: 'object', name: 'Room', bytes: 100, holds: [1, 5] };
const THINGS: readonly Thing[] = [
  ROOM,
  { kind: 'object', name: 'Map', bytes: 32, holds: [2] },
  { kind: 'array', name: '(object elements)', bytes: 150, holds: [3, 4] },
  { kind: 'object', name: 'Object', bytes: 40 },
  { kind: 'object', name: 'Outbox', bytes: 80, holds: [3, 6] },
  { kind: 'closure', name: 'announce', bytes: 56 },
  { kind: 'number', name: 'heap number', bytes: 16 },
  { kind: 'native', name: 'system / JSArrayBufferData', bytes: 4096 },
];

test('what has no name of its own is counted for the nearest object that has and holds it', () => {
  expect(holdings(THINGS)).toEqual([
    { owner: 'Room', thing: 'Room', count: 1, bytes: 100 },
    { owner: 'Room', thing: 'Map', count: 1, bytes: 32 },
    { owner: 'Room', thing: 'array', count: 1, bytes: 150 },
    // It hangs on the room too, but further away.
    { owner: 'Outbox', thing: 'Object', count: 1, bytes: 40 },
    { owner: 'Outbox', thing: 'Outbox', count: 1, bytes: 80 },
    { owner: 'Room', thing: 'closure', count: 1, bytes: 56 },
    { owner: 'Outbox', thing: 'number', count: 1, bytes: 16 },
    { owner: '', thing: 'system / JSArrayBufferData', count: 1, bytes: 4096 },
  ]);
});

test('what is only pointed at weakly is not held', () => {
  const things: Thing[] = [
    { kind: 'object', name: 'WeakMap', bytes: 24, holdsWeakly: [1] },
    { kind: 'array', name: '', bytes: 99 },
  ];
  expect(holdings(things).at(-1)).toEqual({ owner: '', thing: 'array', count: 1, bytes: 99 });
});

test('what has grown and shrunk is told for each', () => {
  const room = { owner: 'Room', thing: 'Room', count: 1, bytes: 100 };
  const gone = { owner: 'Guest', thing: 'string', count: 2, bytes: 48 };
  const come = { owner: 'Room', thing: 'Map', count: 4, bytes: 128 };
  expect(growthOf([room, gone], [{ ...room, count: 5, bytes: 500 }, come], 4)).toEqual([
    { ...room, count: 1, bytes: 100 },
    { ...come, count: 1, bytes: 32 },
    { ...gone, count: -0.5, bytes: -12 },
  ]);
});
