/** A heap snapshot of V8, as far as it is read here: runs of numbers, a field each, and the texts they point at. */
export interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly (string | readonly string[])[];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly (string | readonly string[])[];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

/** Kinds of node whose name is that of a class. */
const WITH_A_CLASS: ReadonlySet<string> = new Set(['object', 'native']);
/** Classes that say nothing of whose it is; so do those of V8 itself, `system / …`. */
const ANYBODYS: ReadonlySet<string> = new Set([
  ...['Object', 'Array', 'Map', 'Set', 'Promise', 'Date', 'Arguments', 'Generator'],
  ...['Buffer', 'FastBuffer', 'Uint8Array', 'ArrayBuffer'],
]);

/** The objects of a heap, numbered from 0, and what hangs on each. */
export class HeapGraph {
  readonly size: number;
  readonly #heap: HeapSnapshot;
  readonly #node: { readonly fields: number; readonly type: number; readonly name: number; readonly bytes: number };
  readonly #edge: { readonly fields: number; readonly type: number; readonly to: number };
  readonly #kinds: readonly string[];
  readonly #weak: number;
  /** The first edge of each object, and behind the last one the end of all. */
  readonly #firstEdges: Uint32Array;

  constructor(heap: HeapSnapshot) {
    const { node_fields: nodes, node_types: kinds, edge_fields: edges, edge_types: links } = heap.snapshot.meta;
    this.#heap = heap;
    this.#node = {
      fields: nodes.length,
      type: nodes.indexOf('type'),
      name: nodes.indexOf('name'),
      bytes: nodes.indexOf('self_size'),
    };
    this.#edge = { fields: edges.length, type: edges.indexOf('type'), to: edges.indexOf('to_node') };
    this.#kinds = kinds[this.#node.type] as readonly string[];
    this.#weak = (links[this.#edge.type] as readonly string[]).indexOf('weak');
    this.size = heap.nodes.length / nodes.length;
    this.#firstEdges = new Uint32Array(this.size + 1);
    const edgeCount = nodes.indexOf('edge_count');
    for (let i = 0; i < this.size; i++) {
      this.#firstEdges[i + 1] = (this.#firstEdges[i] ?? 0) + (heap.nodes[i * nodes.length + edgeCount] ?? 0);
    }
  }

  /** Its own bytes, without what hangs on it. */
  bytesOf(object: number): number {
    return this.#field(object, this.#node.bytes);
  }

  /** Its class, `Room`; or what else it is: `closure`, `string`, `array`. */
  thingOf(object: number): string {
    const kind = this.#kindOf(object);
    return WITH_A_CLASS.has(kind) || kind === 'hidden' ? this.#nameOf(object) : kind;
  }

  /** Whether its class says whose it is. */
  isSomebodys(object: number): boolean {
    const name = this.#nameOf(object);
    return WITH_A_CLASS.has(this.#kindOf(object)) && !ANYBODYS.has(name) && !name.startsWith('system /');
  }

  /** What it holds: what it points at other than weakly. */
  *heldBy(object: number): Iterable<number> {
    const { edges } = this.#heap;
    const end = this.#firstEdges[object + 1] ?? 0;
    for (let edge = this.#firstEdges[object] ?? 0; edge < end; edge++) {
      const at = edge * this.#edge.fields;
      // A target is told by where it begins among the numbers.
      if (edges[at + this.#edge.type] !== this.#weak) yield (edges[at + this.#edge.to] ?? 0) / this.#node.fields;
    }
  }

  #kindOf(object: number): string {
    return this.#kinds[this.#field(object, this.#node.type)] ?? '';
  }

  #nameOf(object: number): string {
    return this.#heap.strings[this.#field(object, this.#node.name)] ?? '';
  }

  #field(object: number, field: number): number {
    return this.#heap.nodes[object * this.#node.fields + field] ?? 0;
  }
}
