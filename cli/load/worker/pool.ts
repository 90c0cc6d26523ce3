import { Transport } from '../wire/transport.ts';
import type { LoadClientOptions } from './surroundings.ts';

export interface PoolOptions {
  readonly host: string;
  readonly port: number;
  readonly streamsPerTransport: number;
}

/** Hands out transports: to each client one of its own, or one for several. */
export class TransportPool {
  readonly #options: PoolOptions;
  #last: Transport | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** A reader that is to be slow shares its transport with nobody, or the others would be. */
  transportFor(reader: LoadClientOptions['reader']): Transport {
    const { host, port, streamsPerTransport } = this.#options;
    if (reader !== 'steady') return new Transport({ host, port, streams: 1, isNarrow: true });
    if (this.#last?.hasRoom !== true) {
      this.#last = new Transport({ host, port, streams: streamsPerTransport, isNarrow: false });
    }
    return this.#last;
  }
}
