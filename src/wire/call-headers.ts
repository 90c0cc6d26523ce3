import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { ChatServiceService } from '../../api/gen/chat/v1/chat.ts';
import type { Refusal } from '../core/errors.ts';
import { releaseStream } from './cut.ts';
import { codeOf } from './status.ts';

/** Why what a client sends is no call or no envelope, and the status where gRPC has one of its own for it. */
export interface Objection {
  readonly refusal: Refusal;
  readonly code?: status;
}

/** gRPC's rule for `grpc-timeout`. */
const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const MS_OF_UNIT: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
/** Of a timer, 25 days: a longer one is over at once, in grpc-js 1.14.7 as well as in Node. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

const NO_TIMEOUT: Objection = {
  refusal: { reason: 'invalid_envelope', message: 'grpc-timeout is no time-out' },
  code: status.INTERNAL,
};
const COMPRESSED: Objection = {
  refusal: { reason: 'unsupported', message: 'only messages of Channel may be compressed' },
};

/**
 * Why a call with these headers is not to reach grpc-js; undefined, where it may.
 * A time-out that no timer can keep is taken out of them.
 *
 * grpc-js begins to unpack all at once that a packet brings, hundreds of messages of
 * a call that may have one. Those of Channel it does not read.
 */
export function objectionTo(headers: IncomingHttpHeaders): Objection | undefined {
  const { 'grpc-timeout': timeout, 'grpc-encoding': encoding = 'identity', ':path': path } = headers;
  if (encoding !== 'identity' && path !== ChatServiceService.channel.path) return COMPRESSED;
  if (timeout === undefined) return undefined;
  const [, count, unit = ''] = TIMEOUT.exec(String(timeout)) ?? [];
  if (count === undefined) return NO_TIMEOUT;
  if (Number(count) * (MS_OF_UNIT[unit] ?? 0) > LONGEST_TIMEOUT_MS) delete headers['grpc-timeout'];
  return undefined;
}

/** As grpc-js would, but with a reason; and before anybody serves what it would end by itself. */
export function refuseHeaders(stream: ServerHttp2Stream, objection: Objection): void {
  const { refusal } = objection;
  const { code = codeOf(refusal.reason) } = objection;
  stream.on('error', () => {});
  stream.once('finish', () => releaseStream(stream));
  const head = { ':status': 200, 'content-type': 'application/grpc+proto' };
  const accepted = objection === COMPRESSED && { 'grpc-accept-encoding': 'identity' };
  const trailers = { 'grpc-status': code, 'grpc-message': refusal.message, 'chat-reason': refusal.reason };
  stream.respond({ ...head, ...accepted, ...trailers }, { endStream: true });
}
