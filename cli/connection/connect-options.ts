import type { ServerAccess } from './server-access.ts';
import type { Timing } from './timing.ts';
import type { TokenSource } from './token.ts';

/** Whoever has no token says who it is; with one the server knows, and a user id may only be the same. */
export type ConnectOptions = Options &
  ({ readonly userId: string } | { readonly token: TokenSource; readonly userId?: string });

interface Options extends Partial<ServerAccess> {
  /** How others see the user; default the user id. A name that the token has comes before it. */
  readonly displayName?: string;
  /** "name/version" of the program, for the server's log. */
  readonly client?: string;
  /**
   * `ChatConnection.resumeToken` of an earlier process of the same user: its session is taken over if it still lives, and
   * a room that is joined then is joined on the seat it has there. Otherwise, and by default, the session is a new one.
   */
  readonly resumeToken?: string;
  /** How long the server may take to answer hello; default 10 s. What listens there may be no chat server. */
  readonly welcomeTimeoutMs?: number;
  /** Goes on trying when there is no server at first; default false: `connect` fails. */
  readonly retryFirst?: boolean;
  /**
   * How long it may be without a server in one stretch, told delays included; the connection then ends with the last
   * failure. Default: for ever. 0: it never reconnects.
   */
  readonly giveUpAfterMs?: number;
  /** Ends the connection at once, at any time. */
  readonly signal?: AbortSignal;
  /** Clock, timers and chance, for tests. */
  readonly timing?: Timing;
}
