import { isIP } from 'node:net';
import { checkServerIdentity, type SecureContext } from 'node:tls';
import { type ChannelOptions, credentials } from '@grpc/grpc-js';
import { ChatServiceClient } from '../../api/gen/chat/v1/chat.ts';
import { ChatError } from './errors.ts';
import type { ServerAccess } from './server-access.ts';
import { ServerAddress } from './server-address.ts';
import { expectedName, secureContextOf } from './tls-options.ts';
import { findTlsTrouble } from './tls-trouble.ts';
import { isLoopback, tokenIn } from './token.ts';

/**
 * What the server is asked for where it has no name but an address, which may not stand there (RFC 6066, 3).
 * grpc-js 1.14.7 would send the address all the same, and Node warn of it on standard error.
 */
const NO_NAME = 'address.invalid';
/** The system says that nobody is there: no handshake would get so far. */
const NOBODY_THERE = /connect E[A-Z]+/;

/** The way to a server, ready to be used again and again: its address, and what encrypts. */
export class Route {
  readonly address: ServerAddress;
  readonly #access: ServerAccess;
  readonly #secureContext: SecureContext | undefined;

  /** @throws ChatError `invalid_tls`, `insecure` */
  constructor(access: ServerAccess) {
    this.#access = access;
    this.address = new ServerAddress(access);
    this.#secureContext = access.tls && secureContextOf(access.tls);
    if (access.token === undefined || access.tls !== undefined || isLoopback(access.host)) return;
    const message = `a token would go to ${this.address} for all to read; encrypt it (--tls, --ca FILE, option tls)`;
    throw new ChatError({ reason: 'insecure', message });
  }

  /** A client with a transport of its own. */
  client(options: ChannelOptions = {}): ChatServiceClient {
    const { host, tls, token } = this.#access;
    const alone = { 'grpc.enable_channelz': 0, 'grpc.use_local_subchannel_pool': 1, ...options };
    if (tls === undefined || this.#secureContext === undefined) {
      // A proxy of the environment would carry the token away from this machine.
      const direct = token === undefined ? {} : { 'grpc.enable_http_proxy': 0 };
      return new ChatServiceClient(`${this.address}`, credentials.createInsecure(), { ...alone, ...direct });
    }
    const name = expectedName(host, tls);
    const secure = credentials.createFromSecureContext(this.#secureContext, {
      checkServerIdentity: (_, cert) => checkServerIdentity(name, cert),
    });
    return new ChatServiceClient(`${this.address}`, secure, {
      ...alone,
      'grpc.ssl_target_name_override': isIP(name) === 0 ? name : NO_NAME,
      ...(tls.serverName !== undefined && { 'grpc.default_authority': tls.serverName }),
    });
  }

  /**
   * Calls back with what lies behind a failure, perhaps at once: `untrusted` where TLS is the trouble, which takes a
   * handshake to see; that a token is missing; or else the failure itself. Returns what takes it back.
   */
  explain(failure: ChatError, explained: (failure: ChatError) => void): () => void {
    if (failure.reason === 'unauthenticated' && this.#access.token === undefined) {
      const message = `${this.address} asks for a token (--token-file FILE, CHAT_GRPC_TOKEN, option token)`;
      explained(new ChatError({ reason: failure.reason, code: failure.code, message, cause: failure.cause }));
      return () => {};
    }
    const details = failure.cause instanceof Error ? failure.cause.message : '';
    // A name may have several addresses, and what is told is the trouble with the last of them.
    const isNobodyThere = isIP(this.#access.host) !== 0 && NOBODY_THERE.test(details);
    if (failure.reason !== 'unreachable' || isNobodyThere) {
      explained(failure);
      return () => {};
    }
    const about = { access: this.#access, address: this.address, secureContext: this.#secureContext };
    return findTlsTrouble(about, (trouble) => explained(trouble ?? failure));
  }
}

/**
 * Looks at what is given to reach a server, before anything goes there.
 * @throws ChatError `invalid_tls`, `insecure`, `no_token` for a text that is none: as `connect` would.
 */
export function checkAccess(access: ServerAccess): void {
  new Route(access);
  if (typeof access.token === 'string') tokenIn(access.token);
}
