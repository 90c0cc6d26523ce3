import type { ChatError } from './errors.ts';
import type { ConnectionState } from './state.ts';
import type { Stream } from './stream.ts';

/** Where a lifeline stands between its streams. */
export type Phase =
  /** The next stream waits for its token. */
  | { readonly kind: 'asking'; readonly cancel: () => void }
  | { readonly kind: 'connecting'; readonly stream: Stream }
  | { readonly kind: 'live'; readonly stream: Stream; readonly sinceMs: number }
  | {
      readonly kind: 'waiting';
      readonly state: ConnectionState;
      readonly cancel: () => void;
      /** The delay is over, but the application has to read first. */
      isDue: boolean;
    }
  /** Closed by this side, but what is owed is still being told; nothing more is to be said once `settled` is. */
  | {
      readonly kind: 'closing';
      readonly stream: Stream;
      readonly settled: Promise<unknown>;
      readonly cancel: () => void;
    }
  | { readonly kind: 'closed'; readonly why: ChatError | undefined };

/** What the application is told of it. */
export function stateIn(phase: Phase): ConnectionState {
  switch (phase.kind) {
    case 'asking':
      return { kind: 'connecting' };
    case 'waiting':
      return phase.state;
    case 'closing':
      return { kind: 'closed', why: undefined };
    case 'closed':
      return { kind: 'closed', why: phase.why };
    default:
      return { kind: phase.kind };
  }
}
