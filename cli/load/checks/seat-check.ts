import type { Fault, FaultKind } from '../fault.ts';
import type { ClientKind } from '../scenario.ts';
import { NumberChecks } from './number-checks.ts';
import { OrderCheck } from './order-check.ts';
import { type OpenPost, PostBook } from './post-book.ts';
import type { RoomRecord } from './room-record.ts';

export interface SeatCheckOptions {
  readonly clientKind: ClientKind;
  readonly room: string;
  /** Its user id. */
  readonly client: string;
  readonly nameOf: (sender: number) => string;
  /** What the others in the room were told. */
  readonly record: RoomRecord;
  readonly found: (fault: Fault) => void;
}

/** Where a full client stands in its room. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** Of a JoinAck, what is checked against. */
export interface Joined {
  readonly position: Position;
  readonly headSeq: number;
}

/** What one client checks of all that comes to its seat: by seq, or, as a basic one, by what each sender counts. */
export class SeatCheck {
  readonly posts: PostBook;
  readonly #options: SeatCheckOptions;
  #epoch = '';
  #order: OrderCheck | undefined;
  #numbers: NumberChecks | undefined;
  /** Of the room, as this client has heard. */
  #head = 0;

  constructor(options: SeatCheckOptions) {
    this.#options = options;
    this.posts = new PostBook(options.clientKind === 'full', (kind, number, seq) => {
      this.#found(kind, seq === 0 ? undefined : { from: seq, to: seq }, {
        sender: options.client,
        from: number,
        to: number,
      });
    });
  }

  /** What a join is to go on from; undefined where it knows none. */
  get position(): Position | undefined {
    return this.#order === undefined ? undefined : { epoch: this.#epoch, seq: this.#order.next - 1 };
  }

  get head(): Position {
    return { epoch: this.#epoch, seq: Math.max(this.#head, (this.#order?.next ?? 1) - 1) };
  }

  /** A seat of its own, without a past. @param isFromTheBeginning before anybody has spoken. */
  seated({ position: { epoch, seq }, headSeq }: Joined, isFromTheBeginning: boolean): void {
    this.forget();
    this.#epoch = epoch;
    this.#head = headSeq;
    if (this.#options.clientKind === 'full') this.#order = this.#orderFrom(seq + 1);
    else this.#numbers = new NumberChecks(isFromTheBeginning, (sender, ...found) => this.#foundOf(sender, ...found));
  }

  /** Back with its position. Returns false where the room has begun anew meanwhile: what was missed has no numbers then. */
  seatedAgain({ position: { epoch }, headSeq }: Joined): boolean {
    this.#head = Math.max(this.#head, headSeq);
    if (epoch === this.#epoch) return true;
    this.#order?.forgetHoles();
    this.posts.passed(() => true);
    this.#epoch = epoch;
    this.#head = headSeq;
    this.#order = this.#orderFrom(1);
    return false;
  }

  message(sender: number, number: number, seq: number): void {
    this.#numbers?.came(sender, number);
    if (this.#order === undefined) return;
    this.#order.came(seq);
    const { record, nameOf } = this.#options;
    const fault = record.told(this.#epoch, seq, sender, number);
    if (fault === undefined) return;
    this.#found(fault, { from: seq, to: seq }, { sender: nameOf(sender), from: number, to: number });
  }

  /** A message of others than this tool, or a join or a leave. */
  other(seq: number): void {
    if (seq === 0 || this.#order === undefined) return;
    this.#order.came(seq);
    const fault = this.#options.record.toldOther(this.#epoch, seq);
    if (fault !== undefined) this.#found(fault, { from: seq, to: seq }, undefined);
  }

  /** A message that was not said so, or not in this room. */
  distorted(sender: number, number: number, seq: number): void {
    const seqs = seq === 0 ? undefined : { from: seq, to: seq };
    this.#found('contradicted', seqs, { sender: this.#options.nameOf(sender), from: number, to: number });
  }

  /** At the end some members of the room are in one epoch, some in another. */
  split(): void {
    this.#found('contradicted', undefined, undefined);
  }

  /** Returns the events that it names. */
  gap(from: number, to: number): number {
    this.#order?.told(from, to);
    this.posts.passed((seq) => this.#order?.wasTold(seq) === true);
    return to - from + 1;
  }

  /** A basic client is told that some events do not come, not which. */
  gapOfSome(): void {
    this.#numbers?.toldOfSome();
    // Its own that are open may be among them.
    this.posts.clear();
  }

  /** Returns the post where it was not acked before. */
  acked(number: number, seq: number): OpenPost | undefined {
    const post = this.posts.acked(number, seq);
    this.noteHead(seq);
    // The ack may come after the gap that has it.
    if (this.#order?.wasTold(seq)) this.posts.passed((told) => told === seq);
    return post;
  }

  /** Whether all has come that there is, as far as anybody knows. */
  isAtTheEnd(head: number, sent: ReadonlyMap<number, number>): boolean {
    if (this.#order !== undefined) return this.#order.next > head;
    return this.#numbers === undefined || [...sent].every(([sender, count]) => this.#numbers?.hasAll(sender, count));
  }

  noteHead(seq: number): void {
    if (seq > this.#head) this.#head = seq;
  }

  /** The seat was given up; `seq` is of the own leave, 0 where it has none. All that precedes it has been sent. */
  left(seq: number): void {
    if (seq > 0) this.#order?.end(seq - 1);
    this.posts.end();
    this.forget();
  }

  /** Nothing comes any more. */
  end(head: number, sent: ReadonlyMap<number, number>): void {
    this.#order?.end(head);
    if (this.#numbers !== undefined) {
      this.#numbers.forgetHoles();
      for (const [sender, count] of sent) this.#numbers.end(sender, count);
    }
    this.posts.end();
    // Whatever is told when everybody leaves is not judged again.
    this.forget();
  }

  /** The seat is gone, and what has not come until now never will. What becomes of open posts is not known. */
  forget(): void {
    this.posts.clear();
    this.#order?.forgetHoles();
    this.#numbers?.forgetHoles();
    this.#order = undefined;
    this.#numbers = undefined;
  }

  #orderFrom(next: number): OrderCheck {
    return new OrderCheck(next, (kind, from, to) => this.#found(kind, { from, to }, undefined));
  }

  #foundOf(sender: number, kind: FaultKind, from: number, to: number): void {
    this.#found(kind, undefined, { sender: this.#options.nameOf(sender), from, to });
  }

  #found(kind: FaultKind, seqs: Fault['seqs'], numbers: Fault['numbers']): void {
    const { room, client, found } = this.#options;
    found({ kind, room, client, seqs, numbers });
  }
}
