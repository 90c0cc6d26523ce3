import type { ServerOptions } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/**
 * Sets what Node bounds in HTTP/2 and grpc-js 1.14.7 has no option for. It keeps
 * the options of its sessions in a private field until a listener is made; this
 * file is the only one that reaches for it, and tests/unit/wire/tighten-http2.test.ts
 * says when a newer grpc-js has moved it.
 */
export function tightenHttp2(server: Server): void {
  const { commonServerOptions } = server as unknown as { readonly commonServerOptions?: ServerOptions };
  if (commonServerOptions === undefined)
    throw new Error('grpc-js keeps its HTTP/2 options elsewhere; see src/wire/tighten-http2.ts');
  Object.assign(commonServerOptions, BOUNDS);
}

/** Opening a stream costs some 100 µs, and by default 1,000 may be opened and reset in one go. */
const BOUNDS = { streamResetBurst: 100, streamResetRate: 20, maxHeaderListPairs: 64 } satisfies ServerOptions & {
  readonly streamResetBurst: number;
  readonly streamResetRate: number;
};
