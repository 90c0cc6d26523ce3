import { SeatCheck } from '../checks/seat-check.ts';
import type { ClientState, LatencyName } from '../report/report.ts';
import type { StreamEnd, StreamListener, Transport } from '../wire/chat-stream.ts';
import {
  framedHeartbeat,
  framedHello,
  framedJoin,
  framedLeave,
  framedMembers,
  JOIN_REQUEST,
} from '../wire/envelope.ts';
import { NOTICE_ERROR, NOTICE_GENERIC, type Told } from '../wire/event-scanner.ts';
import { dueMicrosOf, isOfRun, numberOf, STAMP_BYTES, senderOf } from '../wire/stamp.ts';
import { type ClientPhase, type OnStream, STATE_OF } from './client-phase.ts';
import { sequelOf } from './sequel.ts';
import { Speech } from './speech.ts';
import type { LoadClientOptions, LoadClientSurroundings } from './surroundings.ts';

/** From leaving to coming back. */
const AWAY_MS = 1_000;
const JOIN_PATIENCE_MICROS = 30e6;
/** Beyond the interval of its heartbeats, a server that says nothing is gone; the contract's point 10. */
const HEARTBEAT_PATIENCE_MS = 10_000;
/** How a basic client is told of a gap. */
const GAP_IN_WORDS = /^(\d+) events? could not be delivered/;

/** One user in one room, over as many streams as it takes; checks all that comes. */
export class LoadClient implements StreamListener {
  readonly options: LoadClientOptions;
  readonly check: SeatCheck;
  readonly #world: LoadClientSurroundings;
  readonly #speech: Speech;
  #phase: ClientPhase = { kind: 'waiting' };
  #resumeToken = '';
  #heartbeatMs = 0;
  #retries = 0;
  #retryAfterMs = 0;
  #wasSeated = false;
  #isAsked = false;
  /** When the chunk at hand came. */
  #nowMicros = 0;

  constructor(options: LoadClientOptions, surroundings: LoadClientSurroundings) {
    this.options = options;
    this.#world = surroundings;
    const { kind: clientKind, room, roomIndex, client } = options;
    const { nameOf, recordOf, faults } = surroundings;
    const record = recordOf(roomIndex);
    this.check = new SeatCheck({ clientKind, room, client, nameOf, record, found: (fault) => faults.add(fault) });
    this.#speech = new Speech(options, this.check.posts, surroundings);
  }

  get state(): ClientState {
    return STATE_OF[this.#phase.kind];
  }

  get isOver(): boolean {
    return this.#phase.kind === 'over' || this.#phase.kind === 'given up';
  }

  /** Undefined where it is on none. */
  get transport(): Transport | undefined {
    return 'transport' in this.#phase ? this.#phase.transport : undefined;
  }

  /** Posts that are due and cannot be sent yet. */
  get held(): number {
    return this.#speech.held;
  }

  /** Whether its question for the head is not answered. */
  get isAsked(): boolean {
    return this.#isAsked && this.#phase.kind === 'seated';
  }

  open(latency: LatencyName = 'join', sinceMicros = this.#world.clock.now()): void {
    if (this.isOver) return;
    const { kind, client, room } = this.options;
    const transport = this.#world.transportFor(this.options.reader);
    const stream = transport.open(this);
    this.#nowMicros = this.#world.clock.now();
    this.#phase = { kind: 'joining', stream, transport, sinceMicros, latency };
    const introduction = { client: this.#world.program, userId: client, resumeToken: this.#resumeToken };
    const join = framedJoin({ userId: client, room, position: this.check.position });
    stream.write(...(kind === 'full' ? [framedHello(introduction)] : []), join);
  }

  /** Says something, so many times, that is due now or was; as soon as it can. */
  post(dueMicros: number, count = 1): void {
    const phase = this.#phase;
    if (phase.kind === 'away' ? !phase.holdsPosts : phase.kind !== 'joining' && phase.kind !== 'seated') return;
    this.#speech.hold(dueMicros, count);
    this.#speak();
  }

  /** Leaves the room, ends the stream, and comes back a while later as if it had never been there. */
  churn(): void {
    this.#world.tally.churned += 1;
    this.#leave(true);
  }

  /** Cuts its transport, and so all streams on it. */
  cut(): void {
    if (this.#phase.kind === 'seated') this.#phase.transport.cut();
  }

  setReading(isReading: boolean): void {
    if (this.#phase.kind !== 'seated') return;
    if (isReading) this.#phase.stream.resume();
    else this.#phase.stream.pause();
  }

  /** Asks the server where the room's head is. */
  askForHead(): void {
    if (this.#phase.kind !== 'seated') return;
    this.#isAsked = true;
    this.#phase.stream.write(framedMembers(this.options.room));
  }

  /** Leaves for good. */
  retire(): void {
    const isDeaf = this.options.reader === 'frozen';
    if (this.#phase.kind === 'seated' && !isDeaf) {
      this.#leave(false);
      return;
    }
    if ('stream' in this.#phase) this.#phase.stream.abandon();
    this.#phase = { kind: 'over' };
  }

  /** Ends it where it has waited too long for a server that says nothing. */
  watch(nowMicros: number): void {
    const phase = this.#phase;
    if (!('stream' in phase)) return;
    const silentMicros = nowMicros - this.#nowMicros;
    if (phase.kind === 'joining' && silentMicros > JOIN_PATIENCE_MICROS) this.#giveUp('join_timeout');
    const patienceMs = this.#heartbeatMs + HEARTBEAT_PATIENCE_MS;
    // One that does not read hears nothing.
    const isWatched = phase.kind === 'seated' && this.options.reader === 'steady' && this.#heartbeatMs > 0;
    if (!isWatched || silentMicros / 1000 < patienceMs) return;
    phase.stream.abandon();
    this.ended({ reason: 'heartbeat_timeout', retryAfterMs: undefined, canRetry: true });
  }

  arrived(bytes: number): void {
    this.#nowMicros = this.#world.clock.now();
    this.#world.tally.receivedBytes += bytes;
  }

  said(bytes: Buffer, { from, to }: { readonly from: number; readonly to: number }, seq: number): void {
    const { tally, runMark, stopwatch } = this.#world;
    tally.deliveries += 1;
    if (to - from < STAMP_BYTES || !isOfRun(bytes, from, runMark)) {
      tally.foreign += 1;
      this.check.other(seq);
      return;
    }
    const sender = senderOf(bytes, from);
    const number = numberOf(bytes, from);
    if (!this.#world.isOfRoom(sender, this.options.roomIndex)) {
      // Nothing is kept for a sender that there is not.
      this.check.other(seq);
      this.check.distorted(sender, number, seq);
      return;
    }
    this.check.message(sender, number, seq);
    const { minBytes, maxBytes } = this.#world.payload;
    if (to - from < minBytes || to - from > maxBytes) this.check.distorted(sender, number, seq);
    if (this.options.reader === 'steady') {
      const dueMicros = dueMicrosOf(bytes, from);
      stopwatch.delivered(dueMicros, this.#nowMicros - dueMicros, this.options, seq);
    }
    if (sender !== this.options.sender) return;
    if (this.check.posts.delivered(number, seq) !== undefined) this.#goOn();
  }

  acked(request: number, seq: number): void {
    const { tally, stopwatch } = this.#world;
    if (!(request < this.check.posts.sent)) {
      this.#world.errors.add('ack_of_nothing');
      return;
    }
    const post = this.check.acked(request, seq);
    if (post === undefined) return;
    tally.acked += 1;
    const isMeasured = this.options.reader === 'steady' && stopwatch.isMeasured(post.dueMicros);
    if (isMeasured) stopwatch.add('ack', this.#nowMicros - post.dueMicros, this.options, seq);
    this.#speak();
  }

  told(event: Told): void {
    const { tally } = this.#world;
    switch (event.$case) {
      case 'welcome':
        if (event.value.resumed) tally.resumed += 1;
        this.#resumeToken = event.value.resumeToken;
        this.#heartbeatMs = event.value.heartbeatIntervalMs;
        break;
      case 'joined': {
        const headSeq = Number(event.value.headSeq);
        const { epoch = '', seq = headSeq } = event.value.position ?? {};
        this.#joined({ position: { epoch, seq: Number(seq) }, headSeq });
        break;
      }
      case 'notice':
        this.#noticed(event.value.type, event.value.message, Number(event.value.seq));
        break;
      case 'gap':
        tally.gapsTold += 1;
        tally.eventsInGaps += this.check.gap(Number(event.value.fromSeq), Number(event.value.toSeq));
        this.#goOn();
        break;
      case 'error':
        this.#refused(event.value);
        break;
      case 'left':
        this.#left(Number(event.value.seq));
        break;
      case 'members':
        this.#isAsked = false;
        this.check.noteHead(Number(event.value.headSeq));
        break;
      case 'heartbeat':
        if (!event.value.reply && 'stream' in this.#phase) this.#phase.stream.write(framedHeartbeat(event.value.nonce));
        break;
      case 'draining':
        this.#retryAfterMs = event.value.reconnectAfterMs;
        break;
      default:
    }
  }

  ended(end: StreamEnd): void {
    const phase = this.#phase;
    if (!('stream' in phase)) return;
    // So ends the leave of a basic client. A full one is told `left` before; where it was not, it has its seat yet.
    const hasLeft = phase.kind === 'leaving' && this.options.kind === 'basic' && end.reason === 'ok';
    if (hasLeft) this.check.left(0);
    if (hasLeft || phase.kind === 'ending') this.#gone(phase.comesBack);
    else if (phase.kind === 'leaving' && !phase.comesBack) this.#gone(false);
    else this.#endedUnasked(end, phase);
  }

  #endedUnasked(end: StreamEnd, phase: Extract<ClientPhase, OnStream>): void {
    const { tally, errors, clock } = this.#world;
    const tries = { wasSeated: this.#wasSeated, retries: this.#retries, advisedMs: this.#retryAfterMs };
    const sequel = sequelOf({ end, options: this.options, isCut: phase.transport.isCut, ...tries });
    if (sequel.kind === 'stays away') {
      tally.slowReadersEnded += 1;
      this.#phase = { kind: 'over' };
      return;
    }
    if (sequel.kind === 'gives up') {
      this.#giveUp(end.reason);
      return;
    }
    if (sequel.because === 'cut') tally.cut += 1;
    else if (sequel.because === 'slow') tally.slowReadersEnded += 1;
    else this.#retries += 1;
    if (sequel.because === 'error') errors.add(end.reason);
    // Since it was lost: trying in vain does not make that later.
    this.#comeBack(sequel.afterMs, phase.kind === 'joining' ? phase.sinceMicros : clock.now());
  }

  #joined(joined: Parameters<SeatCheck['seated']>[0]): void {
    const phase = this.#phase;
    if (phase.kind !== 'joining') return;
    const { tally, stopwatch, hasBegun } = this.#world;
    const { stream, transport, sinceMicros, latency } = phase;
    this.#phase = { kind: 'seated', stream, transport };
    this.#retries = 0;
    this.#retryAfterMs = 0;
    if (this.check.position === undefined) this.check.seated(joined, !hasBegun());
    else if (!this.check.seatedAgain(joined)) tally.begunAnew += 1;
    if (!this.#wasSeated) tally.everSeated += 1;
    this.#wasSeated = true;
    stopwatch.add(latency, this.#nowMicros - sinceMicros, this.options, joined.position.seq);
    this.#speech.sendAgain(stream);
    if (this.options.reader === 'frozen' && hasBegun()) this.setReading(false);
    this.#goOn();
  }

  #noticed(type: number, message: string, seq: number): void {
    const { tally, errors } = this.#world;
    if (type === NOTICE_ERROR) errors.add(refusalIn(message));
    else if (seq > 0 || type !== NOTICE_GENERIC) {
      tally.deliveries += 1;
      this.check.other(seq);
    } else {
      const [, count] = GAP_IN_WORDS.exec(message) ?? [];
      if (count === undefined) return;
      tally.gapsTold += 1;
      tally.eventsInGaps += Number(count);
      this.check.gapOfSome();
      this.#goOn();
    }
  }

  #refused(error: { readonly requestId: string; readonly reason: string; readonly retryAfterMs: number }): void {
    const { requestId, reason, retryAfterMs } = error;
    const phase = this.#phase;
    if (requestId === JOIN_REQUEST && phase.kind === 'joining') {
      if (retryAfterMs === 0) this.#giveUp(reason);
      else {
        this.#world.errors.add(reason);
        phase.stream.abandon();
        this.#comeBack(retryAfterMs, phase.sinceMicros);
      }
      return;
    }
    this.#world.errors.add(reason);
    if (/^\d+$/.test(requestId) && this.check.posts.refused(Number(requestId))) this.#goOn();
  }

  /** The last that comes from the room. */
  #left(seq: number): void {
    const phase = this.#phase;
    if (phase.kind === 'seated') this.#giveUp('removed');
    if (phase.kind !== 'leaving') return;
    this.check.left(seq);
    this.#phase = { ...phase, kind: 'ending' };
    phase.stream.halfClose();
  }

  #gone(comesBack: boolean): void {
    this.#resumeToken = '';
    this.#phase = comesBack ? { kind: 'away', holdsPosts: false } : { kind: 'over' };
    if (comesBack) this.#world.after(AWAY_MS, () => this.open());
  }

  #leave(comesBack: boolean): void {
    const phase = this.#phase;
    if (phase.kind !== 'seated') return;
    this.#phase = { ...phase, kind: 'leaving', comesBack };
    this.#speech.drop();
    phase.stream.write(framedLeave(this.options.client, this.options.room));
    // A basic client is not told `left`: its stream ends.
    if (this.options.kind === 'basic') phase.stream.halfClose();
  }

  #comeBack(afterMs: number, sinceMicros: number): void {
    // It cannot take its seat up again, nor say again what may be lost.
    if (this.options.kind === 'basic') this.check.forget();
    this.#phase = { kind: 'away', holdsPosts: true };
    const latency = this.#wasSeated ? 'reconnect' : 'join';
    this.#world.after(afterMs, () => this.open(latency, sinceMicros));
  }

  #giveUp(reason: string): void {
    this.#world.errors.add(reason);
    if ('stream' in this.#phase) this.#phase.stream.abandon();
    this.#phase = { kind: 'given up' };
  }

  /** Says what is held; and what was answered otherwise than by its own copy may be followed by another. */
  #goOn(): void {
    this.#speak();
    if (this.options.sender !== undefined) this.#world.answered(this.options.sender);
  }

  #speak(): void {
    // What is written to a transport that was cut is lost, though nobody has said so yet.
    if (this.#phase.kind === 'seated' && !this.#phase.transport.isCut) this.#speech.send(this.#phase.stream);
  }
}

/** A basic client is refused in words: those for each wait and size are one reason. */
function refusalIn(message: string): string {
  return `refused: ${message.replace(/\d+/g, 'N').slice(0, 80)}`;
}
