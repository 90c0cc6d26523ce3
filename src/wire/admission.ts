import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { type Metadata, ServerInterceptingCall, type ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { Refusal } from '../core/errors.ts';
import type { Authenticator, Grant } from '../core/grant.ts';
import { releaseStream } from './cut.ts';
import { http2StreamOf } from './http2-stream-of.ts';
import { statusOf } from './status.ts';
import type { Transports } from './transports.ts';

type Listener = Parameters<ServerInterceptingCallInterface['start']>[0];

export interface AdmissionPorts {
  readonly transports: Transports;
  /** Undefined: identity is off. */
  readonly authenticator: Authenticator | undefined;
  /** Why no new stream is taken for now. */
  readonly overload: () => Refusal | undefined;
  readonly refused: (peer: string, refusal: Refusal) => void;
  /** How long a call that is not a client's stream may take to bring its request. */
  readonly requestTimeoutMs: number;
}

/** What a method asks of a call before its handler knows of it. */
export interface Entrance {
  /** Who calls must hold a token, where identity is on. */
  readonly needsToken: boolean;
  /** It is a stream of a client, which costs for long. */
  readonly isStream: boolean;
  /** Of the calls a second that a transport may make. */
  readonly cost: number;
  /** It is over with its first request; otherwise more may follow for as long as it lasts. */
  readonly hasOneRequest: boolean;
}

/** Of all that a call brings beside its messages; the largest of it is a token. Node takes some 140 KB. */
const MOST_METADATA_BYTES = 16 * 1024;
const TOO_MUCH_METADATA: Refusal = {
  reason: 'envelope_too_large',
  message: `the headers of a call may have ${MOST_METADATA_BYTES} bytes`,
};

/** Lets calls in, or ends them with a refusal before any handler knows of them. */
export class Admission {
  readonly #ports: AdmissionPorts;
  readonly #grants = new WeakMap<ServerHttp2Stream, Grant>();

  constructor(ports: AdmissionPorts) {
    this.#ports = ports;
  }

  get requestTimeoutMs(): number {
    return this.#ports.requestTimeoutMs;
  }

  /** What the token of a call grants; undefined where identity is off. */
  grantOf(call: object): Grant | undefined {
    return this.#grants.get(http2StreamOf(call));
  }

  /** Why a call may not come in. At once, where nothing has to be checked that takes time. Whoever was counted by `begin` may. */
  admit(
    stream: ServerHttp2Stream,
    metadata: Metadata,
    entrance: Entrance,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    const { authenticator, overload } = this.#ports;
    if (bytesOf(metadata) > MOST_METADATA_BYTES) return TOO_MUCH_METADATA;
    const overloaded = entrance.isStream ? overload() : undefined;
    if (overloaded !== undefined || authenticator === undefined || !entrance.needsToken) return overloaded;
    return this.#identify(stream, metadata, authenticator);
  }

  /** Counts a call of the transport, or says why it may not have another. */
  begin(session: Http2Session | undefined, { cost }: Entrance): Refusal | undefined {
    return this.#ports.transports.begin(session, cost);
  }

  /** One that was counted is over. */
  over(session: Http2Session | undefined): void {
    this.#ports.transports.over(session);
  }

  /** Tells of a call that was refused. */
  refused(peer: string, refusal: Refusal): void {
    this.#ports.refused(peer, refusal);
  }

  async #identify(
    stream: ServerHttp2Stream,
    metadata: Metadata,
    authenticator: Authenticator,
  ): Promise<Refusal | undefined> {
    const [authorization = ''] = metadata.get('authorization');
    // Nothing behind this needs it, and what is not there is told to nobody.
    metadata.remove('authorization');
    const grant = await authenticator.check(String(authorization));
    if ('reason' in grant) return grant;
    this.#grants.set(stream, grant);
    return undefined;
  }
}

/** A call that waits at the entrance. */
export class AdmittedCall extends ServerInterceptingCall {
  readonly http2Stream: ServerHttp2Stream;
  readonly #session: Http2Session | undefined;
  readonly #admission: Admission;
  readonly #entrance: Entrance;
  #isCounted = false;
  #requestTimer: NodeJS.Timeout | undefined;

  constructor(next: ServerInterceptingCallInterface, admission: Admission, entrance: Entrance) {
    super(next);
    this.#admission = admission;
    this.#entrance = entrance;
    this.http2Stream = http2StreamOf(next);
    // Asked when it is gone, a stream knows it no more.
    this.#session = this.http2Stream.session;
    this.http2Stream.on('close', () => this.gone());
  }

  override start(listener: Listener): void {
    const enter = (metadata: Metadata) => this.enter(metadata, () => listener.onReceiveMetadata(metadata));
    const hasAllCome = () => clearTimeout(this.#requestTimer);
    const onReceiveMessage = (request: unknown) => {
      if (!this.#entrance.hasOneRequest) hasAllCome();
      listener.onReceiveMessage(request);
    };
    const onReceiveHalfClose = () => {
      hasAllCome();
      listener.onReceiveHalfClose();
    };
    // A client may keep its half open for ever behind a status that nobody waited for, such as that of its deadline.
    const onCancel = () => {
      if (!this.http2Stream.closed) this.#wait();
      listener.onCancel();
    };
    this.#wait();
    super.start({ onReceiveMetadata: enter, onReceiveMessage, onReceiveHalfClose, onCancel });
  }

  #wait(): void {
    clearTimeout(this.#requestTimer);
    this.#requestTimer = setTimeout(() => this.#giveUpWaiting(), this.#admission.requestTimeoutMs).unref();
  }

  /** Calls `admitted` when it may come in, and refuses it otherwise. */
  protected enter(metadata: Metadata, admitted: () => void): void {
    const refusal = this.#admission.begin(this.#session, this.#entrance);
    this.#isCounted = refusal === undefined;
    const verdict = refusal ?? this.#admission.admit(this.http2Stream, metadata, this.#entrance);
    if (verdict instanceof Promise) void verdict.then((later) => this.#decide(later, admitted));
    else this.#decide(verdict, admitted);
  }

  /** Its stream has left the transport. */
  protected gone(): void {
    clearTimeout(this.#requestTimer);
    if (this.#isCounted) this.#admission.over(this.#session);
  }

  #decide(refusal: Refusal | undefined, admitted: () => void): void {
    // Its client has gone meanwhile.
    if (this.http2Stream.destroyed) return;
    // grpc-js has ended it meanwhile, as its time-out was over before the verdict: nobody would be told of its end.
    if (this.http2Stream.writableEnded) {
      this.http2Stream.resume();
      releaseStream(this.http2Stream);
      return;
    }
    if (refusal === undefined) admitted();
    else this.#refuse(refusal);
  }

  #giveUpWaiting(): void {
    // It has its status already, and its client keeps its half open.
    if (this.http2Stream.writableEnded) {
      releaseStream(this.http2Stream);
      return;
    }
    const message = `its request was not there in ${this.#admission.requestTimeoutMs} ms`;
    this.#refuse({ reason: 'handshake_timeout', message });
  }

  #refuse(refusal: Refusal): void {
    this.#admission.refused(this.getPeer(), refusal);
    this.http2Stream.once('finish', () => releaseStream(this.http2Stream));
    this.sendStatus(statusOf(refusal));
  }
}

function bytesOf(metadata: Metadata): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(metadata.toHttp2Headers())) {
    for (const value of [values].flat()) bytes += name.length + String(value).length;
  }
  return bytes;
}
