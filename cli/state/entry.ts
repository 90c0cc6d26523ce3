import type { LeaveReason } from '../connection/index.ts';

export type Tone = 'plain' | 'good' | 'warning' | 'error';

/** Somebody's words, as they came. */
export interface MessageEntry {
  readonly kind: 'message';
  readonly id: number;
  readonly messageId: string;
  readonly seq: bigint;
  readonly atMs: number;
  readonly userId: string;
  readonly displayName: string;
  readonly content: string;
  readonly isOwn: boolean;
}

/** A run of joins and leaves with nothing said between them. */
export interface PresenceEntry {
  readonly kind: 'presence';
  readonly id: number;
  readonly atMs: number;
  /** The last of them, in their order; at most a few are kept. */
  readonly moves: readonly Move[];
  readonly joined: number;
  readonly left: number;
}

export interface Move {
  readonly displayName: string;
  readonly how: 'joined' | LeaveReason;
}

/** Words of this program or of the server. */
export interface NoteEntry {
  readonly kind: 'note';
  readonly id: number;
  readonly atMs: number;
  readonly tone: Tone;
  readonly text: string;
}

/** What stands in a pane, in the order of the room. `id` is unique in the program. */
export type Entry = MessageEntry | PresenceEntry | NoteEntry;

/** What was typed here and is not in the log yet, as far as is known. */
export interface Outgoing {
  readonly kind: 'outgoing';
  readonly id: number;
  readonly messageId: string;
  readonly content: string;
  readonly atMs: number;
  readonly delivery:
    | { readonly kind: 'pending' }
    /** The server said that it was too fast. */
    | { readonly kind: 'held'; readonly untilMs: number }
    /** In the room under this number; its broadcast is still to come. */
    | { readonly kind: 'acked'; readonly seq: bigint }
    | { readonly kind: 'failed'; readonly why: string };
}

/** What a pane shows, one below the other. */
export type Item = Entry | Outgoing;
