import type { Welcome } from '../../api/gen/chat/v1/chat.ts';
import type { ChatError } from './errors.ts';
import type { Stream } from './stream.ts';

/** A stream with a fresh token that was welcomed. */
export interface Successor {
  readonly stream: Stream;
  readonly token: string;
  readonly welcome: Welcome;
}

/** What becomes of a hello. */
export interface Greeted {
  readonly welcomed: (welcome: Welcome) => void;
  readonly failed: (why: ChatError) => void;
}

export interface RenewalPorts {
  /** Asks for a token. Returns what takes it back. */
  readonly ask: (answered: (answer: string | ChatError) => void) => () => void;
  /** Opens a stream that says hello. */
  readonly greet: (token: string, greeted: Greeted) => Stream;
  readonly done: (successor: Successor) => void;
  /** The stream of now has to do. `because` is undefined when its token is the only one. */
  readonly failed: (because: ChatError | undefined) => void;
}

/**
 * The token of a live stream runs out: asks for a fresh one, and opens a stream with it that is to take the place of the
 * other. That one lives on until the server has welcomed the new, so a token that the server does not take costs nothing.
 */
export class Renewal {
  readonly #cancelAsking: () => void;
  #stream: Stream | undefined;

  constructor(tokenInUse: string, { ask, greet, done, failed }: RenewalPorts) {
    this.#cancelAsking = ask((token) => {
      if (token === tokenInUse) return failed(undefined);
      if (typeof token !== 'string') return failed(token);
      const stream = greet(token, { welcomed: (welcome) => done({ stream, token, welcome }), failed });
      this.#stream = stream;
    });
  }

  /** The server may have given the session to the new stream already, and ends the other. */
  get isUnderWay(): boolean {
    return this.#stream !== undefined;
  }

  cancel(): void {
    this.#cancelAsking();
    this.#stream?.abandon();
  }
}
