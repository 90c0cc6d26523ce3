import type { ChatEvent } from '../../cli/connection/index.ts';

interface Entry {
  readonly seq: bigint;
  /** What happened, in words that are the same for all who were told of it. */
  readonly what: string;
}

/** From a join to the end of the seat: where delivery began, and what was told. */
export interface Stay {
  readonly userId: string;
  readonly room: string;
  readonly position: bigint;
  readonly entries: readonly Entry[];
}

/** What one client was told of the logs of its rooms, in the order it was told. */
export class Diary {
  readonly userId: string;
  readonly #rooms = new Map<string, { readonly positions: bigint[]; readonly entries: Entry[] }>();
  readonly #wrote: () => void;

  /** @param wrote called after each entry. */
  constructor(userId: string, wrote: () => void) {
    this.userId = userId;
    this.#wrote = wrote;
  }

  joined(room: string, position: bigint): void {
    this.#pages(room).positions.push(position);
  }

  told(event: ChatEvent): void {
    if (!('room' in event)) throw new Error(`nobody expects "${event.kind}" here`);
    const entry = entryOf(event);
    if (entry.seq <= this.lastSeq(event.room))
      throw new Error(`${this.userId} was told ${entry.seq} of ${event.room} late`);
    this.#pages(event.room).entries.push(entry);
    this.#wrote();
  }

  lastSeq(room: string): bigint {
    return this.#rooms.get(room)?.entries.at(-1)?.seq ?? 0n;
  }

  /** Its stays, those in one room in their order. An event belongs to the stay whose position it comes after. */
  get stays(): Stay[] {
    return [...this.#rooms].flatMap(([room, { positions, entries }]) =>
      positions.map((position, i) => {
        const next = positions[i + 1];
        const within = entries.filter(({ seq }) => seq > position && (next === undefined || seq <= next));
        return { userId: this.userId, room, position, entries: within };
      }),
    );
  }

  #pages(room: string) {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const pages = { positions: [], entries: [] };
    this.#rooms.set(room, pages);
    return pages;
  }
}

function entryOf(event: ChatEvent): Entry {
  switch (event.kind) {
    case 'message':
      return { seq: event.seq, what: `${event.userId} said ${event.content}` };
    case 'member_joined':
      return { seq: event.seq, what: `${event.userId} joined` };
    case 'member_left':
      return { seq: event.seq, what: `${event.userId} left: ${event.reason}` };
    default:
      throw new Error(`nobody expects ${event.kind} here`);
  }
}
