/** How people are spread over rooms, and how much is said to them. */
export interface Shape {
  /** "50x40": rooms by members. */
  readonly name: string;
  readonly rooms: number;
  /** Of each room. */
  readonly members: number;
  /** Of a room, who speak in turn. */
  readonly speakers: number;
  /** Deliveries a second at the first step; each further step offers twice as many. */
  readonly lowest: number;
}

const STEPS = 7;
/** Of one speaker, and less than the rate limit of a session is by default. */
const MOST_MESSAGES_PER_SECOND = 16;
/** Seconds in which all come, but no fewer than two thousand a second. */
const SECONDS_TO_COME = 4;
const LEAST_JOINS_PER_SECOND = 2000;

export const SHAPES: readonly Shape[] = [
  shape({ rooms: 50, members: 40, speakers: 40, lowest: 20_000 }),
  shape({ rooms: 20, members: 100, speakers: 100, lowest: 20_000 }),
  shape({ rooms: 1, members: 2_000, speakers: 2_000, lowest: 20_000 }),
  // Below, so little would be said that the seconds of a point have only a handful of messages. If all spoke, the load tester
  // would be at its books, of who was told what by whom, for a minute.
  shape({ rooms: 1, members: 10_000, speakers: 500, lowest: 50_000 }),
  // Nearly every delivery is a write of its own, here as well as at the load tester.
  shape({ rooms: 2_000, members: 2, speakers: 2, lowest: 5_000 }),
];

/** Deliveries a second that are offered, ascending. */
export function ladderOf(shape: Shape): readonly number[] {
  const steps = Array.from({ length: STEPS }, (_, step) => shape.lowest * 2 ** step);
  return steps.filter((offered) => messagesPerSecond(shape, offered) <= MOST_MESSAGES_PER_SECOND);
}

/**
 * Words for the load tester. Whatever somebody says comes to all of the room, to the
 * speaker too. So many speak that nobody comes to the rate limit of a session.
 */
export function loadOf(shape: Shape, deliveriesPerSecond: number): readonly string[] {
  const { rooms, members, speakers } = shape;
  const clients = rooms * members;
  const rate = messagesPerSecond(shape, deliveriesPerSecond);
  const joinRate = Math.max(LEAST_JOINS_PER_SECOND, clients / SECONDS_TO_COME);
  const flags = { clients, rooms, senders: speakers, rate, 'join-rate': joinRate };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Of one speaker. */
function messagesPerSecond({ rooms, members, speakers }: Shape, deliveriesPerSecond: number): number {
  return deliveriesPerSecond / (rooms * members * speakers);
}

function shape(numbers: Omit<Shape, 'name'>): Shape {
  return { name: `${numbers.rooms}x${numbers.members}`, ...numbers };
}
