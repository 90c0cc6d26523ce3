import type { ServerAccess } from '../../connection/index.ts';
import { type Dial, dialTo } from '../wire/dial.ts';
import { Http2Transport } from '../wire/http2-transport.ts';
import type { LoadClientOptions } from './surroundings.ts';

export interface PoolOptions {
  readonly server: ServerAccess;
  readonly streamsPerTransport: number;
}

/** Hands out transports: to each client one of its own, or one for several. */
export class TransportPool {
  readonly #options: PoolOptions;
  readonly #dial: Dial;
  #last: Http2Transport | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#dial = dialTo(options.server);
  }

  /** A reader that is to be slow shares its transport with nobody, or the others would be. */
  transportFor(reader: LoadClientOptions['reader']): Http2Transport {
    const { server, streamsPerTransport } = this.#options;
    const dial = this.#dial;
    if (reader !== 'steady') return new Http2Transport({ server, dial, streams: 1, isNarrow: true });
    if (this.#last?.hasRoom !== true) {
      this.#last = new Http2Transport({ server, dial, streams: streamsPerTransport, isNarrow: false });
    }
    return this.#last;
  }
}
