import type { Http2Server, Http2Session, ServerOptions } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import type { Refusal } from '../core/errors.ts';
import { objectionTo, refuseHeaders } from './call-headers.ts';
import { peerOf } from './transports.ts';

const MOST_HEADERS = 64;
/** Of the streams that a transport may have, so many may be reset a second; all of them at once. */
const SECONDS_FOR_ALL_RESETS = 5;

interface Http2Bounds extends ServerOptions {
  readonly streamResetBurst: number;
  readonly streamResetRate: number;
}

/** Opening a stream costs some 100 µs, and by default 1,000 may be opened and reset in one go. */
function boundsFor(maxStreams: number): Http2Bounds {
  const streamResetRate = Math.ceil(maxStreams / SECONDS_FOR_ALL_RESETS);
  return { streamResetBurst: maxStreams, streamResetRate, maxHeaderListPairs: MOST_HEADERS };
}

/** What grpc-js keeps to itself, and lets TypeScript alone forbid. */
interface Inside {
  /** Options of the sessions of every listener that is made from now on. */
  commonServerOptions?: ServerOptions;
  createHttp2Server?: (credentials: unknown) => Http2Server;
  /** By path. */
  readonly handlers?: ReadonlyMap<string, unknown>;
}

interface Tightened {
  /** Streams of one transport. */
  readonly maxStreams: number;
  /** HTTP/2 has ended a session; `detail` is what Node says was wrong. */
  readonly ended: (peer: string, detail: string) => void;
  /** A call was refused that no interceptor sees. */
  readonly refused: (peer: string, refusal: Refusal) => void;
}

const NO_SUCH_METHOD: Refusal = { reason: 'unsupported', message: 'there is no such method' };

/**
 * Sets what Node bounds in HTTP/2, and tells of sessions that HTTP/2 itself ends
 * because their peer broke its rules or was too much, and of calls that nobody
 * serves: grpc-js 1.14.7 has no option for the one and tells nothing of the others.
 * Streams that are over when they are told of it does not get to see. Where it keeps
 * these to itself, tests/unit/wire/tighten-http2.test.ts says when a newer one has
 * moved them.
 */
export function tightenHttp2(server: Server, { maxStreams, ended, refused }: Tightened): void {
  const inside = server as unknown as Inside;
  const { commonServerOptions, createHttp2Server, handlers } = inside;
  if (commonServerOptions === undefined || createHttp2Server === undefined || handlers === undefined)
    throw new Error('grpc-js makes its HTTP/2 servers elsewhere; see src/wire/tighten-http2.ts');
  Object.assign(commonServerOptions, boundsFor(maxStreams));
  inside.createHttp2Server = (credentials) => {
    const http2Server = createHttp2Server.call(server, credentials);
    // Asked when it has ended, a session knows its peer no more.
    const peers = new WeakMap<Http2Session, string>();
    http2Server.on('session', (session) => peers.set(session, peerOf(session.socket)));
    http2Server.on('sessionError', (error: NodeJS.ErrnoException, session: Http2Session) => {
      // Others are the network's.
      if (error.code?.startsWith('ERR_HTTP2_')) ended(peers.get(session) ?? '', error.message);
    });
    const answers = http2Server.listeners('stream');
    http2Server.removeAllListeners('stream');
    http2Server.on('stream', (stream, headers, ...rest) => {
      // What came with it may have ended it already. grpc-js answers all the same where it serves no such method,
      // Node throws at that, and the process would end; as it would by an error that nobody listens for.
      if (stream.destroyed || stream.closed) {
        stream.on('error', () => {});
        return;
      }
      const { session } = stream;
      const peer = (session && peers.get(session)) ?? '';
      const objection = objectionTo(headers);
      if (objection !== undefined) {
        refused(peer, objection.refusal);
        refuseHeaders(stream, objection);
        return;
      }
      if (!handlers.has(headers[':path'] ?? '')) refused(peer, NO_SUCH_METHOD);
      for (const answer of answers) answer.call(http2Server, stream, headers, ...rest);
    });
    return http2Server;
  };
}
