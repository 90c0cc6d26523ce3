import type { LoadClient } from './load-client.ts';
import type { Survey } from './orders.ts';

/** Where each client must stand when nothing comes any more. */
export class Ends {
  readonly #heads: ReadonlyMap<string, number>;
  readonly #epochs: ReadonlyMap<number, ReadonlySet<string>>;
  /** By room: the messages of each of its senders. */
  readonly #sent: ReadonlyMap<number, ReadonlyMap<number, number>>;

  constructor({ heads, sent }: Survey, rooms: number) {
    this.#heads = new Map(heads.map(({ room, epoch, seq }) => [`${room} ${epoch}`, seq]));
    const headsOf = Map.groupBy(heads, ({ room }) => room);
    this.#epochs = new Map([...headsOf].map(([room, all]) => [room, new Set(all.map(({ epoch }) => epoch))]));
    const byRoom = Map.groupBy(sent, ({ sender }) => sender % rooms);
    this.#sent = new Map([...byRoom].map(([room, all]) => [room, new Map(all.map((one) => [one.sender, one.count]))]));
  }

  /** Whether others in its room are in another epoch. */
  isSplit({ options: { roomIndex } }: LoadClient): boolean {
    return (this.#epochs.get(roomIndex)?.size ?? 0) > 1;
  }

  /** The head of its room, and what each sender there has sent. */
  of({ options: { roomIndex }, check }: LoadClient): [head: number, sent: ReadonlyMap<number, number>] {
    return [this.#heads.get(`${roomIndex} ${check.head.epoch}`) ?? 0, this.#sent.get(roomIndex) ?? new Map()];
  }
}
