import type { FaultKind } from '../fault.ts';

/** Seqs that are remembered, the latest: clients of a thread are hardly further apart. */
const REMEMBERED = 1_024;
/** Of each sender: as many as it may have open. */
const REMEMBERED_NUMBERS = 256;
const NUMBERS = 2 ** 30;
/** Instead of a message. */
const OTHER = -1;

/** What is wrong with a message beside others of its room. */
export type RoomFault = Extract<FaultKind, 'doubled' | 'disordered' | 'contradicted'>;

interface Said {
  /** By number modulo REMEMBERED_NUMBERS. */
  readonly numbers: Int32Array;
  readonly seqs: Float64Array;
  lastSeq: number;
  lastNumber: number;
}

/**
 * What a room has said at which seq, as the first client of a thread was told that heard it. The seqs of each
 * client may be right though the server appends a message twice, or tells one client another message than the others.
 */
export class RoomRecord {
  #epoch = '';
  readonly #seqs = new Float64Array(REMEMBERED);
  readonly #messages = new Float64Array(REMEMBERED);
  readonly #senders = new Map<number, Said>();

  /** A client was told that this message stands at that seq. Returns what is wrong with it. */
  told(epoch: string, seq: number, sender: number, number: number): RoomFault | undefined {
    const beside = this.#beside(epoch, seq, sender * NUMBERS + number);
    return beside === 'first' ? this.#first(seq, sender, number) : beside;
  }

  /** A client was told that something else stands there: a join, a leave, a message of others. */
  toldOther(epoch: string, seq: number): RoomFault | undefined {
    return this.#beside(epoch, seq, OTHER) === 'contradicted' ? 'contradicted' : undefined;
  }

  #beside(epoch: string, seq: number, message: number): 'first' | 'contradicted' | undefined {
    if (epoch !== this.#epoch) this.#begin(epoch);
    const place = seq % REMEMBERED;
    if (this.#seqs[place] === seq) return this.#messages[place] === message ? undefined : 'contradicted';
    // One that is far behind the others hears what is not remembered any more.
    if (seq < (this.#seqs[place] ?? 0)) return undefined;
    this.#seqs[place] = seq;
    this.#messages[place] = message;
    return 'first';
  }

  #first(seq: number, sender: number, number: number): RoomFault | undefined {
    const said = this.#senders.get(sender) ?? this.#speaker(sender);
    const place = number % REMEMBERED_NUMBERS;
    const isTwice = said.numbers[place] === number && said.seqs[place] !== seq;
    said.numbers[place] = number;
    said.seqs[place] = seq;
    const isLate = seq > said.lastSeq && number < said.lastNumber;
    if (seq > said.lastSeq) {
      said.lastSeq = seq;
      said.lastNumber = number;
    }
    if (isTwice) return 'doubled';
    return isLate ? 'disordered' : undefined;
  }

  #speaker(sender: number): Said {
    const numbers = new Int32Array(REMEMBERED_NUMBERS).fill(-1);
    const said: Said = { numbers, seqs: new Float64Array(REMEMBERED_NUMBERS), lastSeq: 0, lastNumber: -1 };
    this.#senders.set(sender, said);
    return said;
  }

  #begin(epoch: string): void {
    this.#epoch = epoch;
    this.#seqs.fill(0);
    this.#senders.clear();
  }
}
