import type { NewId } from './ports.ts';
import { Room, type RoomKeeper, type RoomPorts } from './room.ts';

/** Rooms of which a sweep forgets message ids, and rooms that it forgets; the others have their turn in the next. */
const MOST_A_SWEEP = 1000;

/**
 * The rooms by name. An empty room is remembered, with its log, until it is old
 * enough or its place is needed; made anew after that, it has a new epoch. The
 * logs of all rooms share one budget: above it the idlest give their oldest up.
 */
export class RoomRegistry {
  readonly #rooms = new Map<string, Room>();
  /** Rooms without members, by when they became so (monotonic ms), oldest first. */
  readonly #emptySinceMs = new Map<Room, number>();
  /** Rooms whose log holds something, the idlest first. */
  readonly #byGrowth = new Set<Room>();
  readonly #folding = new Set<Room>();
  /** Rooms with message ids of users that are gone. */
  readonly #remembering = new Set<Room>();
  readonly #ports: RoomPorts;
  readonly #keeper: RoomKeeper;
  readonly #newEpoch: NewId;
  #lastOrdinal = 0;
  #heldBytes = 0;
  #trimmed = 0;

  constructor(ports: RoomPorts, newEpoch: NewId) {
    this.#ports = ports;
    this.#newEpoch = newEpoch;
    this.#keeper = {
      grew: (room, bytes, trimmed) => this.#grew(room, bytes, trimmed),
      folds: (room) => this.#folding.add(room),
      remembers: (room) => this.#remembering.add(room),
    };
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** Memory of all logs, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Events that logs gave up to stay within their budgets, since the start. */
  get trimmed(): number {
    return this.#trimmed;
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** Oldest first. */
  all(): Iterable<Room> {
    return this.#rooms.values();
  }

  /**
   * The room, made if need be; `undefined` when the server has no place for
   * another. Until somebody has joined, it is an empty room like any other.
   */
  obtain(name: string): Room | undefined {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    if (this.#rooms.size >= this.#ports.limits.maxRooms) {
      const idlest = this.#emptySinceMs.keys().next().value;
      if (idlest === undefined) return undefined;
      this.#forget(idlest);
    }
    const identity = { name, epoch: this.#newEpoch(), ordinal: ++this.#lastOrdinal };
    const room = new Room(identity, this.#ports, this.#keeper);
    this.#rooms.set(name, room);
    this.left(room);
    return room;
  }

  /** A member sat down in the room. */
  joined(room: Room): void {
    this.#emptySinceMs.delete(room);
  }

  /** A member left the room. */
  left(room: Room): void {
    if (room.members.size === 0) this.#emptySinceMs.set(room, this.#ports.clock.monotonicMs());
  }

  /** Ends all folds, because nothing will be appended any more. */
  endFolds(): void {
    for (const room of this.#folding) room.endFold(Number.POSITIVE_INFINITY);
    this.#folding.clear();
  }

  /** Ends folds whose second is over, and forgets rooms that have been empty for too long. */
  sweep(): void {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const room of this.#folding) if (!room.endFold(nowMs)) this.#folding.delete(room);
    // Those that go on remembering come up in this loop again.
    let looks = Math.min(this.#remembering.size, MOST_A_SWEEP);
    for (const room of this.#remembering) {
      if (looks-- === 0) break;
      this.#remembering.delete(room);
      if (room.forgetPosts()) this.#remembering.add(room);
    }
    const deadline = nowMs - this.#ports.limits.roomHistoryAgeMs;
    let forgotten = 0;
    for (const [room, sinceMs] of this.#emptySinceMs) {
      if (sinceMs > deadline || ++forgotten > MOST_A_SWEEP) return;
      this.#forget(room);
    }
  }

  #grew(room: Room, bytes: number, trimmed: number): void {
    this.#heldBytes += bytes;
    this.#trimmed += trimmed;
    this.#byGrowth.delete(room);
    this.#byGrowth.add(room);
    for (const idlest of this.#byGrowth) {
      while (this.#heldBytes > this.#ports.limits.historyBytes && idlest.log.heldBytes > 0) {
        // It has a budget of its own, and what was appended just now must stay.
        if (idlest === room) return;
        const { oldest } = idlest.log;
        this.#heldBytes -= idlest.log.dropOldest();
        this.#trimmed += idlest.log.oldest - oldest;
      }
      if (idlest.log.heldBytes > 0) return;
      this.#byGrowth.delete(idlest);
    }
  }

  #forget(room: Room): void {
    this.#emptySinceMs.delete(room);
    this.#byGrowth.delete(room);
    this.#folding.delete(room);
    this.#remembering.delete(room);
    this.#heldBytes -= room.log.heldBytes;
    this.#rooms.delete(room.name);
  }
}
