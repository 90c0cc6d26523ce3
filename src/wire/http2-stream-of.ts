import type { ServerHttp2Stream } from 'node:http2';

/**
 * The HTTP/2 stream of a call, which grpc-js 1.14.7 keeps in a private field;
 * tests/unit/wire/http2-stream-of.test.ts says when a newer grpc-js has moved it.
 */
export function http2StreamOf(call: object): ServerHttp2Stream {
  return bottomOf(call).stream;
}

/** The call below all interceptors, which speaks HTTP/2. */
export function bottomOf(call: object): { readonly stream: ServerHttp2Stream } {
  for (let layer: Layer | undefined = call; layer !== undefined; layer = layer.call ?? layer.nextCall) {
    const { stream } = layer;
    if (stream !== undefined) return layer as { readonly stream: ServerHttp2Stream };
  }
  throw new Error('grpc-js has no HTTP/2 stream where it used to be; see src/wire/http2-stream-of.ts');
}

/** The duplex stream of a handler, an interceptor, and the call at the bottom: each with a private way down. */
interface Layer {
  readonly call?: Layer;
  readonly nextCall?: Layer;
  readonly stream?: ServerHttp2Stream;
}
