import type { Entry, Move, NoteEntry, PresenceEntry, Tone } from './entry.ts';

/** Entries of a pane at whose end one looks; beyond them the oldest go, and the server has them for who looks back. */
const MOST_ENTRIES = 2000;
/** Of one where somebody looks further up. */
export const MOST_ENTRIES_LOOKED_AT = 10_000;
/** A pane is cut only now and then: each cut copies it. */
const ENTRIES_TO_CUT = 200;
/** Joins and leaves that a run remembers by name. */
const MOST_MOVES = 12;

/** Where one looks: the end and whatever comes there, or a row of an entry that stays at the bottom. */
export type View = { readonly kind: 'end' } | { readonly kind: 'held'; readonly id: number; readonly row: number };

/** What is shown of a room, or of the program while there is none. */
export interface Pane {
  readonly entries: readonly Entry[];
  readonly view: View;
  /** Messages that nobody has seen here. */
  readonly unread: number;
  /** The entry in front of which a line says where unread begins. */
  readonly unreadFrom: number | undefined;
}

export const EMPTY_PANE: Pane = { entries: [], view: { kind: 'end' }, unread: 0, unreadFrom: undefined };

export function appended(pane: Pane, entry: Entry): Pane {
  return { ...pane, entries: [...pane.entries, entry] };
}

/** In front of all. */
export function prepended(pane: Pane, older: readonly Entry[]): Pane {
  return { ...pane, entries: [...older, ...pane.entries] };
}

/** Without its oldest entries where there are too many; it begins with a message then, whose number says what is older. */
export function bounded(pane: Pane): Pane {
  const most = pane.view.kind === 'end' ? MOST_ENTRIES : MOST_ENTRIES_LOOKED_AT;
  if (pane.entries.length <= most + ENTRIES_TO_CUT) return pane;
  const kept = pane.entries.slice(-most);
  const first = kept.findIndex(({ kind }) => kind === 'message');
  return { ...pane, entries: first > 0 ? kept.slice(first) : kept };
}

/** Adds to the run of joins and leaves at the end, or begins one. */
export function withMove(entries: readonly Entry[], move: Move, at: { id: number; atMs: number }): PresenceEntry {
  const last = entries.at(-1);
  const run = last?.kind === 'presence' ? last : { kind: 'presence' as const, ...at, moves: [], joined: 0, left: 0 };
  const hasJoined = move.how === 'joined';
  return {
    ...run,
    atMs: at.atMs,
    moves: [...run.moves, move].slice(-MOST_MOVES),
    joined: run.joined + (hasJoined ? 1 : 0),
    left: run.left + (hasJoined ? 0 : 1),
  };
}

/** The run in the place of the one that it goes on with, or at the end. */
export function withRun(pane: Pane, run: PresenceEntry): Pane {
  if (pane.entries.at(-1)?.id !== run.id) return appended(pane, run);
  return { ...pane, entries: [...pane.entries.slice(0, -1), run] };
}

export function note(text: string, tone: Tone, at: { id: number; atMs: number }): NoteEntry {
  return { kind: 'note', ...at, tone, text };
}

/** Something came that one should read, and nobody looks. */
export function withUnread(pane: Pane, id: number): Pane {
  return { ...pane, unread: pane.unread + 1, unreadFrom: pane.unread === 0 ? id : pane.unreadFrom };
}

/** Somebody looks; the line stays until `withoutLine`. */
export function seen(pane: Pane): Pane {
  return pane.unread === 0 ? pane : { ...pane, unread: 0 };
}

export function withoutLine(pane: Pane): Pane {
  return pane.unreadFrom === undefined ? pane : { ...pane, unreadFrom: undefined, unread: 0 };
}
