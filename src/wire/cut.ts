import { constants, type ServerHttp2Stream } from 'node:http2';

/**
 * Ends a stream that will not end. A status waits behind what the peer does not
 * read, and so does `destroy()` of the call: neither frees anything. What does is
 * to close the HTTP/2 stream, which grpc-js 1.14.7 keeps in a private field;
 * tests/unit/wire/cut.test.ts says when a newer grpc-js has moved it.
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
  throw new Error('grpc-js has no HTTP/2 stream where it used to be; see src/wire/cut.ts');
}

/** The duplex stream of a handler, an interceptor, and the call at the bottom: each with a private way down. */
interface Layer {
  readonly call?: Layer;
  readonly nextCall?: Layer;
  readonly stream?: ServerHttp2Stream;
}

/** Resets the stream: the peer sees RESOURCE_EXHAUSTED, and its unfinished write is given back. */
export function cutStream(stream: ServerHttp2Stream): void {
  if (!stream.closed) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
}

/** Ends the transport under a stream whose reset does not get through either: its peer is frozen. */
export function cutTransport(stream: ServerHttp2Stream): void {
  stream.session?.destroy();
}

/** Lets go of a stream that the server has ended and the peer keeps half open. */
export function releaseStream(stream: ServerHttp2Stream): void {
  if (!stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
}
