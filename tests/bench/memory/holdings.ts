import type { HeapGraph } from './heap-graph.ts';

/** What there is of one thing that belongs to one owner. */
export interface Holding {
  /** The class of the object that it hangs on, or its own; '' for what hangs on none. */
  readonly owner: string;
  /** Its own class, or what it is: see `HeapGraph`. */
  readonly thing: string;
  count: number;
  bytes: number;
}

const NOBODY = -1;

/**
 * What a heap consists of. Most of it are plain objects, closures and arrays, whose
 * names say nothing. So each is counted for the nearest object on the way to it whose
 * class does: an outbox's arrays are the outbox's.
 */
export function holdingsOf(graph: HeapGraph): readonly Holding[] {
  const owners = ownersOf(graph);
  const holdings = new Map<string, Holding>();
  for (let object = 0; object < graph.size; object++) {
    const owner = owners[object] ?? NOBODY;
    const whose = { owner: owner === NOBODY ? '' : graph.thingOf(owner), thing: graph.thingOf(object) };
    const key = keyOf(whose);
    const holding = holdings.get(key) ?? { ...whose, count: 0, bytes: 0 };
    holding.count += 1;
    holding.bytes += graph.bytesOf(object);
    holdings.set(key, holding);
  }
  return [...holdings.values()];
}

/** What has come, or gone, between two looks at a heap, for each of `units`. */
export function growthOf(before: readonly Holding[], after: readonly Holding[], units: number): readonly Holding[] {
  const grown = new Map(after.map((holding) => [keyOf(holding), { ...holding }]));
  for (const had of before) {
    const holding = grown.get(keyOf(had)) ?? { ...had, count: 0, bytes: 0 };
    grown.set(keyOf(had), { ...had, count: holding.count - had.count, bytes: holding.bytes - had.bytes });
  }
  return [...grown.values()].map((one) => ({ ...one, count: one.count / units, bytes: one.bytes / units }));
}

function keyOf({ owner, thing }: Pick<Holding, 'owner' | 'thing'>): string {
  return `${owner}\n${thing}`;
}

/** By object: itself where its class says whose it is, otherwise the nearest such that it hangs on. */
function ownersOf(graph: HeapGraph): Int32Array {
  const owners = new Int32Array(graph.size).fill(NOBODY);
  let reached: number[] = [];
  for (let object = 0; object < graph.size; object++) {
    if (!graph.isSomebodys(object)) continue;
    owners[object] = object;
    reached.push(object);
  }
  while (reached.length > 0) {
    const next: number[] = [];
    for (const object of reached) {
      for (const held of graph.heldBy(object)) {
        if (owners[held] !== NOBODY) continue;
        owners[held] = owners[object] ?? NOBODY;
        next.push(held);
      }
    }
    reached = next;
  }
  return owners;
}
