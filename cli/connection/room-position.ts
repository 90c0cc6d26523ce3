import type { JoinAck } from '../../api/gen/chat/v1/chat.ts';
import type { ChatEvent, LoggedEvent } from './events.ts';
import { ToldMessages } from './told-messages.ts';

type Gap = Extract<ChatEvent, { kind: 'gap' }>;

/** What is being replayed after a rejoin, up to the head of then. */
interface Replay {
  readonly headSeq: bigint;
  readonly awayMs: number;
  events: number;
  messages: number;
}

/**
 * How far the application has been told what happened in a room: everything up
 * to `seq` of `epoch` was given to it, or named as a gap. What the server sends
 * goes through here, and what comes out has neither doubles nor unnamed holes:
 *
 * - in an epoch, by number alone: at or below the position is a double;
 * - across epochs, where numbers say nothing, by the author and the message id:
 *   a post that was sent again to a restarted server is a new event there.
 */
export class RoomPosition {
  readonly #room: string;
  #epoch: string;
  #seq: bigint;
  readonly #told = new ToldMessages();
  #replay: Replay | undefined;

  constructor({ room, position }: Pick<JoinAck, 'room' | 'position'>) {
    this.#room = room;
    this.#epoch = position?.epoch ?? '';
    this.#seq = position?.seq ?? 0n;
  }

  get at(): { readonly epoch: string; readonly seq: bigint } {
    return { epoch: this.#epoch, seq: this.#seq };
  }

  /**
   * The room was joined again with this position; delivery begins after the one of the answer.
   * @param awayMs how long the room was out of reach, for the event `recovered`; undefined: it was not.
   */
  rejoined({ position, headSeq }: Pick<JoinAck, 'position' | 'headSeq'>, awayMs = this.#replay?.awayMs): ChatEvent[] {
    const { epoch, seq } = position ?? { epoch: '', seq: 0n };
    this.#replay = awayMs === undefined ? undefined : { headSeq, awayMs, events: 0, messages: 0 };
    const told: ChatEvent[] = [];
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#seq = 0n;
      told.push({ kind: 'restarted', room: this.#room, epoch });
    }
    // The server names this gap in an event of its own as well, which is then a double.
    if (seq > this.#seq) told.push(this.#gapTo(seq));
    return [...told, ...this.#recovered()];
  }

  /** Takes what the server sent; returns what the application is to be told. */
  take(event: LoggedEvent | Gap): ChatEvent[] {
    if (event.kind === 'gap') {
      if (event.epoch !== this.#epoch || event.toSeq <= this.#seq) return [];
      return [this.#gapTo(event.toSeq), ...this.#recovered()];
    }
    if (event.seq === 0n) return [event];
    if (event.seq <= this.#seq) return [];
    const told: ChatEvent[] = [];
    // A hole that no gap named is a fault of the server; the application is told all the same.
    if (event.seq > this.#seq + 1n) told.push(this.#gapTo(event.seq - 1n));
    this.#seq = event.seq;
    if (event.kind !== 'message' || !this.#told.isEcho(event, this.#epoch)) {
      told.push(event);
      this.#count(event);
    }
    return [...told, ...this.#recovered()];
  }

  /** Whatever was not given up to `toSeq` will not come. */
  #gapTo(toSeq: bigint): Gap {
    const fromSeq = this.#seq + 1n;
    this.#seq = toSeq;
    return { kind: 'gap', room: this.#room, epoch: this.#epoch, fromSeq, toSeq };
  }

  #count(event: LoggedEvent): void {
    if (this.#replay === undefined) return;
    this.#replay.events += 1;
    if (event.kind === 'message') this.#replay.messages += 1;
  }

  #recovered(): ChatEvent[] {
    if (this.#replay === undefined || this.#seq < this.#replay.headSeq) return [];
    const { events, messages, awayMs } = this.#replay;
    this.#replay = undefined;
    return [{ kind: 'recovered', room: this.#room, events, messages, awayMs }];
  }
}
