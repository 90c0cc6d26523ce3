/**
 * Why something a client wanted did not happen.
 *
 * `reason` is a word of the contract's table of errors where the server said one
 * (`user_taken`, `rate_limited`, …), or one of ours:
 * `unreachable` no server there; `lost` the stream broke; `closed` by this side;
 * `aborted` by the caller's signal; `outbox_full` too many answers outstanding;
 * `invalid_answer` the server answered something else;
 * `untrusted` there is a server, but TLS and it do not go together: the message says why and what to do;
 * `invalid_tls` the certificates or the key that were given are of no use;
 * `insecure` a token would have gone unencrypted to another machine;
 * `no_token` whoever was asked for a token had none;
 * `not_your_identity`, the contract's, also when the next stream's token is another user's.
 */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly reason: string;
  /** The google.rpc.Code; undefined where no server was involved. */
  readonly code: number | undefined;
  /** Milliseconds after which trying again makes sense; undefined without advice. */
  readonly retryAfterMs: number | undefined;
  /** Where it concerns one room. */
  readonly room: string | undefined;

  constructor(said: {
    reason: string;
    message: string;
    code?: number | undefined;
    retryAfterMs?: number | undefined;
    room?: string | undefined;
    cause?: unknown;
  }) {
    super(said.message, { cause: said.cause });
    this.reason = said.reason;
    this.code = said.code;
    this.retryAfterMs = said.retryAfterMs;
    this.room = said.room;
  }
}
