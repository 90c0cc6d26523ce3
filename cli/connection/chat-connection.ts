import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { ConnectOptions } from './connect-options.ts';
import { chatEventOf, leaveReasonOf } from './decode.ts';
import { ChatError } from './errors.ts';
import { EventQueue } from './event-queue.ts';
import type { ChatEvent, JoinedRoom, PostedMessage, ServerLimits } from './events.ts';
import { handled } from './handled.ts';
import { Lifeline } from './lifeline.ts';
import type { HistoryOptions, HistoryPage, MembersPage, PageOptions } from './pages.ts';
import { PendingPosts } from './pending-posts.ts';
import { Questions } from './questions.ts';
import { Route } from './route.ts';
import { Seat } from './seat.ts';
import { DEFAULT_HOST, DEFAULT_PORT } from './server-access.ts';
import type { ConnectionState } from './state.ts';
import type { Answer } from './stream.ts';
import { realTiming, type Timing } from './timing.ts';
import { Bearer } from './token.ts';
import { noteReceived } from './tracing.ts';

/**
 * Posts without a final answer, and likewise joins and questions; the server measures sending again against as many
 * message ids.
 */
const MOST_OUTSTANDING = 256;

/**
 * Opens a stream, says hello and waits for the welcome.
 * @throws ChatError `unreachable` without a server (unless `retryFirst`), `untrusted`, `invalid_tls`, `insecure`, `no_token`,
 * `aborted`, or what the server refused.
 */
export async function connect(options: ConnectOptions): Promise<ChatConnection> {
  const connection = new ChatConnection(options);
  await connection.welcomed;
  return connection;
}

/**
 * A user's place in the rooms of a server, over as many streams as it takes.
 *
 * `events` must be iterated: what happens in the rooms waits there, and when
 * about a thousand events wait the stream is not read any more, answers included,
 * and a lost one not replaced. When a stream is lost, another is opened; rooms,
 * what was missed in them and unacked posts come back with it. What cannot heal
 * ends the connection: then the iteration and everything outstanding fail with
 * the same ChatError.
 */
export class ChatConnection {
  readonly events: AsyncIterableIterator<ChatEvent>;
  /** Settled by the first welcome. Rejects when the connection ends before it. */
  readonly welcomed: Promise<void>;
  readonly #timing: Timing;
  readonly #queue: EventQueue<ChatEvent>;
  readonly #lifeline: Lifeline;
  readonly #seats = new Map<string, Seat>();
  readonly #posts: PendingPosts;
  readonly #questions: Questions;
  readonly #over = Promise.withResolvers<void>();

  /** @throws ChatError `invalid_tls`, `insecure`, `no_token` for a text that is none */
  constructor(options: ConnectOptions) {
    const {
      host = DEFAULT_HOST,
      port = DEFAULT_PORT,
      tls,
      token,
      userId = '',
      displayName = '',
      client = '',
      resumeToken = '',
    } = options;
    const { welcomeTimeoutMs = 10_000, retryFirst = false, giveUpAfterMs = Number.POSITIVE_INFINITY } = options;
    const { signal, timing = realTiming } = options;
    const route = new Route({ host, port, tls, token });
    const bearer = new Bearer(token, { timing, patienceMs: welcomeTimeoutMs });
    this.#timing = timing;
    this.#queue = new EventQueue({ pause: () => this.#lifeline.pause(), resume: () => this.#lifeline.resume() });
    this.events = this.#queue;
    this.#posts = new PendingPosts({
      timing,
      ask: (message, answered, traceparent) => this.#lifeline.ask(message, answered, traceparent),
      phaseOf: (room) => this.#seats.get(room)?.phase,
      burst: () => this.#burst,
      paceMs: () => 1000 / Math.max(1, this.limits?.envelopesPerSecond ?? 1),
    });
    this.#questions = new Questions({
      timing,
      ask: (message, answered) => this.#lifeline.ask(message, answered),
      refusal: (outstanding) => this.#refusal(outstanding) ?? this.#away,
    });
    this.#lifeline = new Lifeline(
      { route, bearer, userId, displayName, client, resumeToken, welcomeTimeoutMs, retryFirst, giveUpAfterMs, timing },
      {
        reopened: () => this.#reopened(),
        told: (event) => this.#told(event),
        lost: () => this.#lost(),
        moved: () => this.#moved(),
        tokenExpires: (because) => this.#queue.push({ kind: 'token_expires', because }),
        over: (why) => this.#ended(why),
        isReady: () => !this.#queue.isFull,
      },
    );
    this.welcomed = handled(this.#lifeline.welcomed);
    const abort = () => {
      this.#lifeline.end(new ChatError({ reason: 'aborted', message: 'the connection was aborted by its caller' }));
    };
    signal?.addEventListener('abort', abort, { once: true });
    void this.#over.promise.then(() => signal?.removeEventListener('abort', abort));
    if (signal?.aborted) abort();
  }

  /** The identity that the server gave this session. */
  get userId(): string {
    return this.#lifeline.welcome?.userId ?? '';
  }

  get displayName(): string {
    return this.#lifeline.welcome?.displayName ?? '';
  }

  /** Of the last welcome, '' before it: with it another process of the user can take this session over. A secret. */
  get resumeToken(): string {
    return this.#lifeline.welcome?.resumeToken ?? '';
  }

  /** Undefined before the welcome. */
  get limits(): ServerLimits | undefined {
    return this.#lifeline.welcome?.limits;
  }

  get state(): ConnectionState {
    return this.#lifeline.state;
  }

  /** Calls with every state that comes from now on, at once. Returns what ends that. The listener must not throw. */
  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#lifeline.onState(listener);
  }

  /**
   * Takes a seat, and keeps it over all streams until `leave`. Waits where the server says that waiting helps; `events`
   * has a `join_delayed` then.
   * @throws ChatError `user_taken`, `room_full`, `invalid_room`, …
   */
  join(room: string): Promise<JoinedRoom> {
    const name = room.normalize('NFC');
    const left = this.#seats.get(name)?.left;
    return left === undefined ? this.#take(name) : handled(left.then(() => this.#take(name)));
  }

  /**
   * Says something; settled when the server has taken it, which its own broadcast may precede and which may be on a
   * later stream: until then it is kept, 256 posts at most, and sent again, those of a room in the order they were said.
   * Calling again with the same `messageId` is safe.
   * @throws ChatError `not_a_member`, `message_too_long`, `rate_limited`, `outbox_full`, …
   */
  post(room: string, content: string, messageId = ''): Promise<PostedMessage> {
    const refusal = this.#refusal(this.#posts.size);
    if (refusal !== undefined) return handled(Promise.reject(refusal));
    return this.#posts.add(room.normalize('NFC'), content, messageId === '' ? randomUUID() : messageId);
  }

  /**
   * Gives the seat up; settled after the room's last event is in `events`. Without a stream, by the next one. What could
   * not be said there until then fails with `not_a_member`.
   */
  leave(room: string): Promise<void> {
    const name = room.normalize('NFC');
    const seat = this.#seats.get(name);
    if (seat !== undefined) return seat.leave();
    const message = `${name} is not joined`;
    const said = { reason: 'not_a_member', code: status.FAILED_PRECONDITION, message, room: name };
    return handled(Promise.reject(this.#closed ?? new ChatError(said)));
  }

  /**
   * What was said and who came and went in a room that is joined, as far as the server keeps it. Like `members` and
   * `roundTrip` it asks about now: without a live stream, or when that ends before the answer, it fails.
   * @throws ChatError `lost`, `not_a_member`, `invalid_position`, `rate_limited`, `outbox_full`, …
   */
  history(room: string, options: HistoryOptions = {}): Promise<HistoryPage> {
    return this.#questions.history(room.normalize('NFC'), options);
  }

  /**
   * Who is in a room, joined or not. A room that does not exist has no members.
   * @throws ChatError `lost`, `invalid_room`, `rate_limited`, `outbox_full`, …
   */
  members(room: string, options: PageOptions = {}): Promise<MembersPage> {
    return this.#questions.members(room.normalize('NFC'), options);
  }

  /** Milliseconds from a question to the server's answer, behind what else it has to say. */
  roundTrip(): Promise<number> {
    return this.#questions.roundTrip();
  }

  /**
   * Leaves all rooms and ends the stream; settled when it is over, within five seconds. Never fails. Without a stream
   * the server keeps the seats for its grace.
   */
  async close(): Promise<void> {
    const left = [...this.#seats.values()].map((seat) => seat.leave());
    this.#lifeline.close(Promise.allSettled(left));
    this.#queue.release();
    await this.#over.promise;
  }

  /** The joins that a stream begins with are of the same allowance. */
  get #burst(): number {
    const { envelopesPerSecond = 0, envelopeBurst = 0 } = this.limits ?? {};
    return envelopesPerSecond === 0 ? Number.POSITIVE_INFINITY : Math.max(1, envelopeBurst - this.#seats.size);
  }

  /** Why nothing is taken any more. */
  get #closed(): ChatError | undefined {
    const { state } = this;
    if (state.kind !== 'closed') return undefined;
    return state.why ?? new ChatError({ reason: 'closed', message: 'the connection was closed by this side' });
  }

  /** Why nobody would answer a question now. */
  get #away(): ChatError | undefined {
    const { state } = this;
    if (state.kind === 'live') return undefined;
    const because = state.kind === 'waiting' ? state.because : undefined;
    return new ChatError({ reason: 'lost', message: 'there is no connection to the server now', cause: because });
  }

  /** Why nothing more can be asked while so many answers are outstanding. */
  #refusal(outstanding: number): ChatError | undefined {
    if (this.#closed !== undefined || outstanding < MOST_OUTSTANDING) return this.#closed;
    const message = `${MOST_OUTSTANDING} answers are outstanding; wait for one`;
    return new ChatError({ reason: 'outbox_full', message });
  }

  #take(room: string): Promise<JoinedRoom> {
    const said = { reason: 'already_joined', code: status.ALREADY_EXISTS, message: `${room} is joined already`, room };
    const pending = [...this.#seats.values()].filter((seat) => seat.isPending).length;
    const refusal = this.#refusal(pending) ?? (this.#seats.has(room) ? new ChatError(said) : undefined);
    if (refusal !== undefined) return handled(Promise.reject(refusal));
    const seat = new Seat(room, {
      timing: this.#timing,
      ask: (message, answered) => this.#lifeline.ask(message, answered),
      tell: (event) => this.#queue.push(event),
      seated: () => this.#posts.send(room),
      gone: (why) => {
        this.#seats.delete(room);
        this.#posts.refuse(room, why);
      },
    });
    this.#seats.set(room, seat);
    seat.enter();
    return seat.joined;
  }

  #reopened(): void {
    // A room that is being left is entered once more only if something is still to be said there.
    for (const seat of this.#seats.values()) {
      if (seat.left === undefined || this.#posts.has(seat.room)) seat.enter();
    }
    this.#posts.send();
    for (const seat of this.#seats.values()) seat.sendLeave();
  }

  #told(event: Answer): void {
    if (event.$case === 'left') {
      this.#seats.get(event.value.room)?.removed(leaveReasonOf(event.value.reason));
      return;
    }
    if (event.$case === 'broadcast') noteReceived(event.value, this.#timing.utcMs());
    const told = chatEventOf(event);
    if (told === undefined) return;
    if ('seq' in told || told.kind === 'gap') this.#seats.get(told.room)?.take(told);
    else this.#queue.push(told);
  }

  #lost(): void {
    for (const seat of this.#seats.values()) seat.streamLost();
    this.#unanswered();
  }

  #moved(): void {
    for (const seat of this.#seats.values()) seat.streamMoved();
    this.#unanswered();
  }

  /** What was asked on the stream before is not answered any more. */
  #unanswered(): void {
    this.#posts.streamLost();
    this.#questions.fail(new ChatError({ reason: 'lost', message: 'the connection was lost before the answer came' }));
  }

  #ended(why: ChatError | undefined): void {
    const failure = this.#closed;
    if (failure === undefined) return;
    for (const seat of this.#seats.values()) seat.close(failure);
    this.#seats.clear();
    this.#posts.close(failure);
    this.#questions.fail(failure);
    this.#queue.end(why);
    this.#over.resolve();
  }
}
