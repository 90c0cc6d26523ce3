import { setTimeout as wait } from 'node:timers/promises';
import { ChatConnection, ChatError, type ConnectionState, listRooms, type ServerAccess } from '../connection/index.ts';
import type { Action, Refusal } from '../state/action.ts';
import type { Effect } from '../state/effect.ts';
import { MEMBERS_A_PAGE } from '../state/members.ts';
import { identityBy } from './identity.ts';
import { PatientQuestions } from './patient-questions.ts';
import type { SessionTicket } from './session-ticket.ts';
import { Speaker } from './speaker.ts';

/** How long one who goes waits for what was said last. */
const LAST_WORDS_MS = 2_000;

export interface CourierOptions {
  readonly server: ServerAccess;
  /** "name/version", for the server's log. */
  readonly client: string;
  readonly giveUpAfterMs: number;
  readonly welcomeTimeoutMs: number;
  readonly ticket: SessionTicket;
}

type Carried = Exclude<Effect, { kind: 'quit' | 'suspend' | 'redraw' }>;

/** Carries what the state wants to the server, and brings back as actions what becomes of it. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #dispatch: (action: Action) => void;
  readonly #speakers = new Map<string, Speaker>();
  /** Joins under way: what happens in a room is told behind the answer. */
  readonly #joining = new Map<string, Promise<void>>();
  readonly #over = new AbortController();
  #chat: ChatConnection | undefined;
  #asked: { readonly chat: ChatConnection; readonly questions: PatientQuestions } | undefined;

  constructor(options: CourierOptions, dispatch: (action: Action) => void) {
    this.#options = options;
    this.#dispatch = dispatch;
  }

  carry(effect: Carried): void {
    if (effect.kind === 'connect') this.#connect(effect.name);
    else if (effect.kind === 'ask_rooms') void this.#askRooms();
    else if (this.#chat !== undefined) this.#carry(effect, this.#chat);
  }

  /** Lets what was said last go out, and leaves all rooms; settled when the server knows, within seconds. Never fails. */
  async close(): Promise<void> {
    if (this.#chat?.state.kind === 'live') await this.#saidIn([...this.#speakers.keys()]);
    this.#over.abort();
    await this.#chat?.close();
    this.#options.ticket.forget();
  }

  #connect(name: string): void {
    void this.#chat?.close();
    const { server, ticket, ...options } = this.#options;
    const resumeToken = ticket.take(name);
    const known = resumeToken === undefined ? {} : { resumeToken };
    const chat = new ChatConnection({ ...server, ...options, ...identityBy(name, server), ...known });
    this.#chat = chat;
    this.#speakers.clear();
    this.#joining.clear();
    this.#dispatch({ kind: 'connecting' });
    let wasWelcomed = false;
    chat.onState((state) => {
      if (chat !== this.#chat) return;
      if (state.kind === 'live') {
        wasWelcomed = true;
        ticket.keep(name, chat.resumeToken);
      }
      const action = actionOf(state, chat, wasWelcomed);
      if (action !== undefined) this.#dispatch(action);
    });
    void this.#tell(chat);
  }

  #carry(effect: Exclude<Carried, { kind: 'connect' | 'ask_rooms' }>, chat: ChatConnection): void {
    switch (effect.kind) {
      case 'join': {
        const joining = this.#join(chat, effect.room);
        this.#joining.set(effect.room, joining);
        void joining.finally(() => this.#joining.delete(effect.room));
        return;
      }
      case 'leave':
        return void this.#leave(chat, effect.room);
      case 'post':
        return void this.#speakerOf(chat, effect.room).say(effect.content, effect.messageId);
      case 'ask_history': {
        const { room, epoch, before, limit } = effect;
        const asked = { epoch, before, limit };
        const page = this.#patientlyOf(chat)
          .ask(() => chat.history(room, asked))
          .catch(refusalOf);
        return void page.then((page) => this.#dispatch({ kind: 'history_came', room, before, page }));
      }
      case 'ask_members': {
        const { room, page: after, purpose } = effect;
        const asked = { pageToken: after, pageSize: MEMBERS_A_PAGE };
        const page = this.#patientlyOf(chat)
          .ask(() => chat.members(room, asked))
          .catch(refusalOf);
        return void page.then((page) => this.#dispatch({ kind: 'members_came', room, purpose, after, page }));
      }
      case 'ask_round_trip': {
        const took = chat.roundTrip().catch(() => undefined);
        return void took.then((ms) => this.#dispatch({ kind: 'round_trip_took', ms }));
      }
    }
  }

  async #tell(chat: ChatConnection): Promise<void> {
    try {
      for await (const event of chat.events) {
        if ('room' in event && event.kind !== 'join_delayed') await this.#joining.get(event.room);
        if (chat === this.#chat) this.#dispatch({ kind: 'told', event });
      }
    } catch {
      // Why the connection ended is told by its state.
    }
  }

  async #join(chat: ChatConnection, room: string): Promise<void> {
    try {
      this.#dispatch({ kind: 'joined', joined: await chat.join(room) });
    } catch (error) {
      const why = refusalOf(error);
      // Left before it was joined, which is told as such.
      const isWanted = why.reason !== 'not_a_member' && chat.state.kind !== 'closed';
      if (isWanted) this.#dispatch({ kind: 'join_refused', room, why });
    }
  }

  async #leave(chat: ChatConnection, room: string): Promise<void> {
    await this.#saidIn([room]);
    this.#speakers.delete(room);
    try {
      await chat.leave(room);
      this.#dispatch({ kind: 'left', room });
    } catch (error) {
      const why = refusalOf(error);
      // A seat that the server took away is none to be left, but its pane is.
      if (why.reason === 'not_a_member') this.#dispatch({ kind: 'left', room });
      else this.#dispatch({ kind: 'leave_refused', room, why });
    }
  }

  async #askRooms(): Promise<void> {
    const { server } = this.#options;
    const page = await listRooms({ ...server, signal: this.#over.signal }).catch(refusalOf);
    this.#dispatch({ kind: 'rooms_came', page });
  }

  /** Asks again what was too fast, or not answered before its stream was lost. */
  #patientlyOf(chat: ChatConnection): PatientQuestions {
    if (chat !== this.#asked?.chat) this.#asked = { chat, questions: new PatientQuestions(chat, this.#over.signal) };
    return this.#asked.questions;
  }

  /** Settled when nothing waits to be said there, or soon. */
  async #saidIn(rooms: readonly string[]): Promise<void> {
    const over = new AbortController();
    const { signal } = over;
    const said = Promise.all(rooms.map((room) => this.#speakers.get(room)?.idle));
    await Promise.race([said, wait(LAST_WORDS_MS, undefined, { signal }).catch(() => {})]);
    over.abort();
  }

  #speakerOf(chat: ChatConnection, room: string): Speaker {
    const known = this.#speakers.get(room);
    if (known !== undefined) return known;
    const speaker = new Speaker(chat, room, {
      over: this.#over.signal,
      refused: (error, messageId) => this.#dispatch({ kind: 'post_refused', room, messageId, why: refusalOf(error) }),
      taken: ({ messageId, seq }) => this.#dispatch({ kind: 'posted', room, messageId, seq }),
      held: (messageId, ms) => this.#dispatch({ kind: 'post_held', room, messageId, untilMs: Date.now() + ms }),
    });
    this.#speakers.set(room, speaker);
    return speaker;
  }
}

function actionOf(state: ConnectionState, chat: ChatConnection, wasWelcomed: boolean): Action | undefined {
  switch (state.kind) {
    case 'connecting':
      return { kind: 'connecting' };
    case 'live':
      return { kind: 'welcomed', userId: chat.userId, displayName: chat.displayName, limits: chat.limits };
    case 'waiting': {
      const { until, attempt, because } = state;
      return { kind: 'waiting', untilMs: until.getTime(), attempt, because: refusalOf(because) };
    }
    case 'closed':
      return state.why && { kind: 'disconnected', why: refusalOf(state.why), wasWelcomed };
  }
}

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof ChatError)) return { reason: 'failed', message: String(error), retryAfterMs: undefined };
  const { reason, message, retryAfterMs } = error;
  return { reason, message, retryAfterMs };
}
