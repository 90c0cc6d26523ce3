import { constants, type ServerHttp2Stream } from 'node:http2';

/*
 * Ways to end a stream that will not end. A status waits behind what the peer does
 * not read, and so does `destroy()` of the call: neither frees anything. What does
 * is to close the HTTP/2 stream.
 */

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
