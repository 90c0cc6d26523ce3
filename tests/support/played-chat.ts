import type { ChatEvent } from '../../cli/connection/index.ts';
import type { Intent } from '../../cli/input/keymap.ts';
import type { Action } from '../../cli/state/action.ts';
import type { Effect } from '../../cli/state/effect.ts';
import { geometryOf } from '../../cli/state/geometry.ts';
import { composer } from '../../cli/state/rows/composer-rows.ts';
import { headRow } from '../../cli/state/rows/head-row.ts';
import { sideRows } from '../../cli/state/rows/side-rows.ts';
import { statusRow } from '../../cli/state/rows/status-row.ts';
import { viewport } from '../../cli/state/rows/viewport.ts';
import { type Beginning, type ChatState, firstState } from '../../cli/state/state.ts';
import { Store } from '../../cli/state/store.ts';
import type { Line } from '../../cli/terminal/line.ts';

/** Noon of a day, here. */
const NOON = new Date(2026, 10, 25, 12).getTime();

/** The full-screen program without terminal and network: what happens is dispatched, what it shows is text. */
export class PlayedChat {
  readonly store: Store;
  /** What it wanted done and nobody has looked at yet. */
  effects: Effect[] = [];
  nowMs = NOON;
  #seq = 1n;

  constructor(beginning: Partial<Beginning> = {}) {
    const given = {
      name: 'ana',
      room: 'general',
      isKnown: false,
      idPrefix: 'id',
      columns: 120,
      rows: 24,
      nowMs: NOON,
      ...beginning,
    };
    this.store = new Store(firstState(given), {
      nowMs: () => this.nowMs,
      after: () => {},
      perform: (effect) => this.effects.push(effect),
    });
    this.store.dispatch({ kind: 'started' });
  }

  /** Ana in general, alone, with nothing asked any more. */
  static talking(beginning: Partial<Beginning> = {}): PlayedChat {
    const chat = new PlayedChat(beginning);
    chat.welcome();
    chat.join('general');
    return chat;
  }

  get state(): ChatState {
    return this.store.state();
  }

  do(...actions: Action[]): this {
    for (const action of actions) this.store.dispatch(action);
    return this;
  }

  press(intent: Intent): this {
    return this.do({ kind: 'pressed', intent });
  }

  type(text: string): this {
    return this.press({ kind: 'edit', edit: { kind: 'insert', text } });
  }

  /** Types it and presses Enter; returns what that wanted done. */
  enter(text: string): Effect[] {
    this.type(text);
    this.effects = [];
    this.press({ kind: 'submit' });
    return this.effects;
  }

  welcome(userId = 'ana'): this {
    return this.do({ kind: 'welcomed', userId, displayName: userId, limits: undefined });
  }

  /** The server takes the join; what is asked then is answered with nothing. */
  join(room: string, memberCount = 1): this {
    const position = { epoch: 'one', seq: 1n };
    this.do({ kind: 'joined', joined: { room, welcomeMessage: '', position, memberCount } });
    this.do({ kind: 'history_came', room, before: 2n, page: { room, epoch: 'one', events: [], hasMore: false } });
    this.hasMembers(room, ['ana']);
    this.effects = [];
    return this;
  }

  hasMembers(
    room: string,
    names: readonly string[],
    rest: { memberCount?: number; nextPageToken?: string; after?: string } = {},
  ): this {
    const { memberCount = names.length, nextPageToken = '', after = '' } = rest;
    const joinedAt = new Date(NOON);
    const members = names.map((userId) => ({ userId, displayName: userId, joinedAt, isDetached: false }));
    const page = { room, members, nextPageToken, memberCount, headSeq: this.#seq };
    return this.do({ kind: 'members_came', room, purpose: 'pane', after, page });
  }

  told(event: ChatEvent): this {
    return this.do({ kind: 'told', event });
  }

  /** Somebody says something, as the next number of the room. */
  hears(userId: string, content: string, { room = 'general', messageId = '' } = {}): this {
    this.#seq += 1n;
    const at = new Date(this.nowMs);
    return this.told({ kind: 'message', room, seq: this.#seq, userId, displayName: userId, content, messageId, at });
  }

  moves(kind: 'member_joined' | 'member_left', userId: string, room = 'general'): this {
    this.#seq += 1n;
    const common = { room, seq: this.#seq, userId, displayName: userId, at: new Date(this.nowMs) };
    return this.told(kind === 'member_joined' ? { kind, ...common } : { kind, reason: 'left', ...common });
  }

  /** What is said, from top to bottom. */
  get said(): string[] {
    return viewport(this.state).rows.map(textOf);
  }

  get head(): string {
    const { messageColumns } = geometryOf(this.state);
    const { below } = viewport(this.state);
    return textOf(headRow(this.state, { columns: messageColumns, below }));
  }

  get side(): string[] {
    return sideRows(this.state, geometryOf(this.state).sideColumns).map(textOf);
  }

  get status(): string {
    return textOf(statusRow(this.state));
  }

  /** From the beginning of what is typed. */
  get cursor(): { x: number; y: number } {
    return composer(this.state).cursor;
  }

  get typed(): string[] {
    return composer(this.state).rows.map(textOf);
  }
}

function textOf(row: Line): string {
  return row
    .map(({ text }) => text)
    .join('')
    .trimEnd();
}
