import type { NewId } from './ports.ts';
import { Room, type RoomPorts } from './room.ts';

/**
 * The rooms by name. An empty room is remembered, with its log, until it is old
 * enough or its place is needed; made anew after that, it has a new epoch.
 */
export class RoomRegistry {
  readonly #rooms = new Map<string, Room>();
  /** Rooms without members, by when they became so (monotonic ms), oldest first. */
  readonly #emptySinceMs = new Map<Room, number>();
  readonly #ports: RoomPorts;
  readonly #newEpoch: NewId;
  #lastOrdinal = 0;

  constructor(ports: RoomPorts, newEpoch: NewId) {
    this.#ports = ports;
    this.#newEpoch = newEpoch;
  }

  get size(): number {
    return this.#rooms.size;
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** Oldest first. */
  all(): Iterable<Room> {
    return this.#rooms.values();
  }

  /**
   * The room, made if need be, for a join that must follow at once; `undefined`
   * when the server has no place for another.
   */
  obtain(name: string): Room | undefined {
    const known = this.#rooms.get(name);
    if (known !== undefined) {
      this.#emptySinceMs.delete(known);
      return known;
    }
    if (this.#rooms.size >= this.#ports.limits.maxRooms) {
      const idlest = this.#emptySinceMs.keys().next().value;
      if (idlest === undefined) return undefined;
      this.#forget(idlest);
    }
    this.#lastOrdinal += 1;
    const room = new Room({ name, epoch: this.#newEpoch(), ordinal: this.#lastOrdinal }, this.#ports);
    this.#rooms.set(name, room);
    return room;
  }

  /** A member left the room. */
  left(room: Room): void {
    if (room.members.size === 0) this.#emptySinceMs.set(room, this.#ports.clock.monotonicMs());
  }

  /** Forgets rooms that have been empty for too long. To be called about once a second. */
  sweep(): void {
    const deadline = this.#ports.clock.monotonicMs() - this.#ports.limits.roomHistoryAgeMs;
    for (const [room, sinceMs] of this.#emptySinceMs) {
      if (sinceMs > deadline) return;
      this.#forget(room);
    }
  }

  #forget(room: Room): void {
    this.#emptySinceMs.delete(room);
    this.#rooms.delete(room.name);
  }
}
