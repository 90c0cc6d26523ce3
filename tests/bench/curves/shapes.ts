/** How people are spread over rooms, and how much is said to them. */
export interface Shape {
  /** "50x40": rooms by members. */
  readonly name: string;
  readonly rooms: number;
  /** Of each room. */
  readonly members: number;
  /** Of each room; the others listen. */
  readonly senders: number;
  /** Deliveries a second at the first step; each further step offers twice as many. */
  readonly lowest: number;
}

const STEPS = 6;

export const SHAPES: readonly Shape[] = [
  shape({ rooms: 50, members: 40, senders: 4, lowest: 10_000 }),
  shape({ rooms: 20, members: 100, senders: 4, lowest: 10_000 }),
  shape({ rooms: 1, members: 2_000, senders: 10, lowest: 10_000 }),
  // Below, so little would be said that the seconds of a point have only a handful of messages.
  shape({ rooms: 1, members: 10_000, senders: 10, lowest: 20_000 }),
  // Nearly every delivery is a write of its own, here as well as at the load tester.
  shape({ rooms: 2_000, members: 2, senders: 2, lowest: 5_000 }),
];

/** Deliveries a second that are offered, ascending. */
export function ladderOf({ lowest }: Shape): readonly number[] {
  return Array.from({ length: STEPS }, (_, step) => lowest * 2 ** step);
}

/** Words for the load tester. Whatever a sender says comes to all of its room, itself too. */
export function loadOf({ rooms, members, senders }: Shape, deliveriesPerSecond: number): readonly string[] {
  const rate = deliveriesPerSecond / (rooms * senders * members);
  const flags = { clients: rooms * members, rooms, senders, rate };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function shape(numbers: Omit<Shape, 'name'>): Shape {
  return { name: `${numbers.rooms}x${numbers.members}`, ...numbers };
}
