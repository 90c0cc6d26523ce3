import type { ChatEvent, HistoryPage, JoinedRoom, MembersPage, RoomsPage, ServerLimits } from '../connection/index.ts';
import type { Intent } from '../input/keymap.ts';
import type { Failure, MembersPurpose } from './effect.ts';

/** Why something did not happen, as the library says it. */
export interface Refusal extends Failure {
  /** Waiting so long may help; undefined where it does not. */
  readonly retryAfterMs: number | undefined;
}

/** All that can happen to the state. */
export type Action =
  // The person.
  | { readonly kind: 'pressed'; readonly intent: Intent }
  /** `text` is undefined for more than anybody could send; `bytes` counts all of it. */
  | { readonly kind: 'pasted'; readonly text: string | undefined; readonly bytes: number }
  | { readonly kind: 'focused'; readonly hasFocus: boolean }
  | { readonly kind: 'resized'; readonly columns: number; readonly rows: number }
  // The clock.
  | { readonly kind: 'ticked' }
  // The connection.
  | { readonly kind: 'started' }
  | { readonly kind: 'connecting' }
  | {
      readonly kind: 'welcomed';
      readonly userId: string;
      readonly displayName: string;
      readonly limits: ServerLimits | undefined;
    }
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly attempt: number; readonly because: Refusal }
  /** For good. `wasWelcomed`: it had been up. */
  | { readonly kind: 'disconnected'; readonly why: Refusal; readonly wasWelcomed: boolean }
  | { readonly kind: 'round_trip_took'; readonly ms: number | undefined }
  // The rooms.
  | { readonly kind: 'told'; readonly event: ChatEvent }
  | { readonly kind: 'joined'; readonly joined: JoinedRoom }
  | { readonly kind: 'join_refused'; readonly room: string; readonly why: Refusal }
  | { readonly kind: 'left'; readonly room: string }
  | { readonly kind: 'leave_refused'; readonly room: string; readonly why: Refusal }
  | { readonly kind: 'posted'; readonly room: string; readonly messageId: string; readonly seq: bigint }
  | { readonly kind: 'post_held'; readonly room: string; readonly messageId: string; readonly untilMs: number }
  | { readonly kind: 'post_refused'; readonly room: string; readonly messageId: string; readonly why: Refusal }
  /** `before` is what was asked with. */
  | {
      readonly kind: 'history_came';
      readonly room: string;
      readonly before: bigint;
      readonly page: HistoryPage | Refusal;
    }
  | {
      readonly kind: 'members_came';
      readonly room: string;
      readonly purpose: MembersPurpose;
      /** The page token that was asked with; '' is the beginning. */
      readonly after: string;
      readonly page: MembersPage | Refusal;
    }
  | { readonly kind: 'rooms_came'; readonly page: RoomsPage | Refusal };
