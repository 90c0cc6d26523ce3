import { eventsOf, FAULT_KINDS, type Fault, type FaultKind, type FaultTally } from './fault.ts';

/** Faults of a kind that are named; the others are counted. */
const MOST_EXAMPLES = 20;

/** What was found wrong: all counted, the first ones by name. */
export class FaultLog {
  readonly #tallies = new Map<FaultKind, { count: number; readonly examples: Fault[] }>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(fault: Fault): void {
    this.#add(fault.kind, eventsOf(fault), [fault]);
  }

  /** What another log has. */
  addAll(tallies: readonly FaultTally[]): void {
    for (const { kind, count, examples } of tallies) this.#add(kind, count, examples);
  }

  /** One for each kind, also where there were none. */
  tallies(): FaultTally[] {
    return FAULT_KINDS.map((kind) => ({ kind, ...(this.#tallies.get(kind) ?? { count: 0, examples: [] }) }));
  }

  #add(kind: FaultKind, count: number, examples: readonly Fault[]): void {
    const tally = this.#tallies.get(kind) ?? { count: 0, examples: [] };
    this.#tallies.set(kind, tally);
    tally.count += count;
    tally.examples.push(...examples.slice(0, MOST_EXAMPLES - tally.examples.length));
    this.#count += count;
  }
}
