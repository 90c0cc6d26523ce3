import type { LoadClient } from './load-client.ts';

/** Picks until one is found that can be disturbed. */
const PICKS = 20;

/** Who of the clients is disturbed, at random. */
export class Victims {
  readonly #clients: readonly LoadClient[];
  readonly #random: () => number;

  constructor(clients: readonly LoadClient[], random: () => number) {
    this.#clients = clients;
    this.#random = random;
  }

  /** One that may leave. */
  forChurn(): LoadClient | undefined {
    return this.#pick(() => true);
  }

  /**
   * One whose transport can be cut without harm beyond what is meant: whoever has not got its resume token yet would
   * be kept out by its own seat, and what a basic client has on its way it cannot send again.
   */
  forCut(): LoadClient | undefined {
    const isFragile = ({ state, options, check }: LoadClient) =>
      state === 'joining' || (options.kind === 'basic' && check.posts.outstanding > 0);
    return this.#pick(({ transport }) => !this.#clients.some((one) => one.transport === transport && isFragile(one)));
  }

  #pick(isFit: (client: LoadClient) => boolean): LoadClient | undefined {
    for (let i = 0; i < PICKS; i++) {
      const client = this.#clients[Math.floor(this.#random() * this.#clients.length)];
      if (client?.state !== 'seated' || client.options.reader !== 'steady' || client.transport?.isCut) continue;
      if (isFit(client)) return client;
    }
    return undefined;
  }
}
