import type { Completion } from '../input/completion.ts';
import { type Draft, EMPTY_DRAFT } from '../input/line-editor.ts';
import { NOTHING_SENT, type SentLines } from '../input/sent-lines.ts';
import type { Failure } from './effect.ts';
import type { Outgoing } from './entry.ts';
import { EMPTY_PANE, type Pane } from './pane.ts';

/** What is typed is taken for. */
export type Phase =
  | { readonly kind: 'asking_name' }
  | { readonly kind: 'asking_room' }
  /** Connecting and joining the first room. */
  | { readonly kind: 'entering' }
  | { readonly kind: 'talking' }
  /** Leaving all rooms. */
  | { readonly kind: 'leaving' };

export type Link =
  | { readonly kind: 'none' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly attempt: number; readonly isDraining: boolean }
  /** For good. */
  | { readonly kind: 'offline'; readonly why: Failure };

/** The last question whether the server answers, and what came of it. */
export interface RoundTrip {
  /** Undefined when none is out. */
  readonly askedAtMs: number | undefined;
  /** When the next may be asked. */
  readonly dueAtMs: number;
  readonly lastMs: number | undefined;
}

export interface Member {
  readonly userId: string;
  readonly displayName: string;
  readonly isDetached: boolean;
}

export interface Members {
  readonly count: number;
  readonly known: readonly Member[];
  /** Where the server's list goes on; undefined at its end. */
  readonly nextPage: string | undefined;
  readonly isAsked: boolean;
  /** Events told more than one can follow by name: who is known may be wrong. */
  readonly isStale: boolean;
  /** The first of the known that the pane shows. */
  readonly from: number;
}

export interface Room {
  readonly name: string;
  readonly pane: Pane;
  readonly outgoing: readonly Outgoing[];
  readonly seat: 'joining' | 'delayed' | 'joined' | 'leaving' | 'gone';
  readonly epoch: string;
  /** Up to where the room is told. */
  readonly seq: bigint;
  /** What is older than the pane. */
  readonly older: {
    /** The oldest number in the pane; 0: none yet. */
    readonly before: bigint;
    readonly hasMore: boolean;
    /** The pane's first page, or one that somebody wants to see. */
    readonly asked: 'first' | 'more' | undefined;
  };
  readonly members: Members;
}

/** What the server allows; as the client library has it. */
export interface Limits {
  readonly maxContentBytes: number;
  readonly maxPageSize: number;
}

/** All that the screen shows. Nothing of it is kept elsewhere. */
export interface ChatState {
  readonly phase: Phase;
  /** The user id; until the welcome, what it is thought to be. */
  readonly name: string;
  readonly displayName: string;
  /** By a token: nothing that is typed changes who one is. */
  readonly isKnown: boolean;
  /** The room that the program was started for; asked for when empty. */
  readonly firstRoom: string;
  readonly link: Link;
  /** Why it does not come back that a person can mend, if that was told since it was there last. */
  readonly toldTrouble: string | undefined;
  readonly roundTrip: RoundTrip;
  readonly limits: Limits;
  readonly rooms: readonly Room[];
  /** The name of the room that is shown; undefined when none is joined. */
  readonly shown: string | undefined;
  /** What is shown then. */
  readonly desk: Pane;
  readonly draft: Draft;
  readonly completion: Completion | undefined;
  readonly sent: SentLines;
  readonly knownRooms: readonly string[];
  readonly hasFocus: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  /** For the entries and message ids to come; the prefix is random. */
  readonly nextId: number;
  readonly idPrefix: string;
}

/** The contract's defaults, until the server says what it allows. */
const USUAL_LIMITS: Limits = { maxContentBytes: 4096, maxPageSize: 500 };

export interface Beginning {
  readonly name: string;
  readonly room: string;
  readonly isKnown: boolean;
  readonly idPrefix: string;
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
}

export function firstState({ name, room, ...given }: Beginning): ChatState {
  return {
    ...given,
    phase:
      name === '' && !given.isKnown
        ? { kind: 'asking_name' }
        : room === ''
          ? { kind: 'asking_room' }
          : { kind: 'entering' },
    name,
    displayName: name,
    firstRoom: room,
    link: { kind: 'none' },
    toldTrouble: undefined,
    roundTrip: { askedAtMs: undefined, dueAtMs: 0, lastMs: undefined },
    limits: USUAL_LIMITS,
    rooms: [],
    shown: undefined,
    desk: EMPTY_PANE,
    draft: EMPTY_DRAFT,
    completion: undefined,
    sent: NOTHING_SENT,
    knownRooms: [],
    hasFocus: true,
    nextId: 1,
  };
}

export function newRoom(name: string): Room {
  return {
    name,
    pane: EMPTY_PANE,
    outgoing: [],
    seat: 'joining',
    epoch: '',
    seq: 0n,
    older: { before: 0n, hasMore: false, asked: undefined },
    members: { count: 0, known: [], nextPage: undefined, isAsked: false, isStale: false, from: 0 },
  };
}

export function roomOf(state: ChatState, name: string | undefined): Room | undefined {
  return state.rooms.find((room) => room.name === name);
}

/** Messages that were typed and not taken, as far as is known. */
export function unsentIn({ rooms }: ChatState): number {
  return rooms.reduce(
    (sum, { outgoing }) => sum + outgoing.filter(({ delivery }) => delivery.kind !== 'acked').length,
    0,
  );
}

export function shownPane(state: ChatState): Pane {
  return roomOf(state, state.shown)?.pane ?? state.desk;
}
