import { connect, type SecureContext } from 'node:tls';
import { ChatError } from './errors.ts';
import { lookForPlaintext } from './plaintext-look.ts';
import type { ServerAccess } from './server-access.ts';
import type { ServerAddress } from './server-address.ts';
import { expectedName, socketOptions } from './tls-options.ts';

/** How long the server may take to show what is wrong. */
const PATIENCE_MS = 3_000;
const MOST_NAMES_SHOWN = 200;

/** What a server says in an alert about a certificate that it was not shown, or does not take. */
const ABOUT_OUR_CERT = /_ALERT_(CERTIFICATE_\w+|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/;
/** Before a cipher is agreed on: there is none for both. Behind that, from a server of TLS 1.2: about a certificate. */
const HANDSHAKE_FAILURE = /_ALERT_HANDSHAKE_FAILURE$/;

/** The server has ended the connection. */
const END_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

interface Circumstances {
  readonly address: ServerAddress;
  /** What Node or OpenSSL calls the trouble. */
  readonly code: string;
  /** What should stand in the server's certificate, and what does. */
  readonly expected: string;
  readonly names: string;
  readonly isCertShown: boolean;
}

/** The codes of Node and OpenSSL, and what they mean to a person; the first that fits. */
const TROUBLES: readonly { readonly codes: RegExp; readonly words: (at: Circumstances) => string }[] = [
  {
    codes: /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/,
    words: withoutTls,
  },
  {
    codes:
      /^(DEPTH_ZERO_)?SELF_SIGNED_CERT|^UNABLE_TO_(GET_ISSUER|VERIFY)|^CERT_(SIGNATURE_FAILURE|UNTRUSTED)$|^INVALID_CA$/,
    words: ({ address }) =>
      `the certificate of ${address} is signed by nobody who is trusted here; name who signs it (--ca FILE, option tls.ca)`,
  },
  {
    codes: /^CERT_HAS_EXPIRED$/,
    words: ({ address }) => `the certificate of ${address} has expired; the server needs a new one`,
  },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    words: ({ address }) => `the certificate of ${address} is not valid yet; compare the clocks here and there`,
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    words: ({ address, expected, names }) =>
      `the certificate of ${address} is not for ${expected} but for ${names}; ` +
      'connect by that name, or expect it (--server-name NAME, option tls.serverName)',
  },
  { codes: ABOUT_OUR_CERT, words: aboutOurCert },
  {
    codes: /_ALERT_PROTOCOL_VERSION$|^ERR_SSL_UNSUPPORTED_PROTOCOL$/,
    words: ({ address }) => `${address} has no TLS from 1.2 on; the server has to be renewed`,
  },
  {
    codes: /^(ERR_SSL|ERR_TLS)_/,
    words: ({ address, code }) => `there is no way to speak TLS with ${address} (${code})`,
  },
];

function withoutTls({ address }: Pick<Circumstances, 'address'>): string {
  return `${address} does not speak TLS; connect without it, or give the server a certificate`;
}

function aboutOurCert({ address, isCertShown }: Circumstances): string {
  return isCertShown
    ? `${address} does not take the client certificate; it wants one of an authority that it trusts`
    : `${address} asks clients for a certificate; show one (--cert FILE --key FILE, options tls.cert and tls.key)`;
}

/** Who sees no certificate says so in an alert, mostly. Node's server just ends it on one that it does not take. */
function aboutAnEnd(at: Circumstances): string {
  if (at.isCertShown) return aboutOurCert(at);
  const wish = 'it may want a client certificate (--cert FILE --key FILE, options tls.cert and tls.key)';
  return `${at.address} ended the connection after the handshake; ${wish}, or nothing answers behind it`;
}

type HandshakeError = NodeJS.ErrnoException & { readonly cert?: { subjectaltname?: string } };

/** How a handshake went. */
interface Handshake {
  /** The server ended it without a word, or with one; undefined: TLS is not the trouble. */
  readonly end: 'closed' | HandshakeError | undefined;
  /** The keys are made. */
  readonly hasCipher: boolean;
  readonly isSecure: boolean;
  /** It was over because of what the server showed. */
  readonly isCertRefused: boolean;
}

/**
 * Finds out why no call got through to a server that takes connections, by a handshake that is made for that alone:
 * grpc-js 1.14.7 tells some of the reasons in a text and none of the others. Calls back once, with undefined where TLS
 * is not the trouble. Returns what takes it back.
 */
export function findTlsTrouble(
  {
    access,
    address,
    secureContext,
  }: {
    readonly access: ServerAccess;
    readonly address: ServerAddress;
    /** Undefined: the call was plaintext. */
    readonly secureContext: SecureContext | undefined;
  },
  found: (trouble: ChatError | undefined) => void,
): () => void {
  const socket =
    secureContext === undefined
      ? // Nothing is said there. It is only seen whether there is TLS.
        connect({ host: access.host, port: access.port, rejectUnauthorized: false })
      : connect(socketOptions(access, secureContext));
  let hasCipher = false;
  let isSecure = false;
  let isOver = false;
  let stopLooking = () => {};
  const stop = () => {
    isOver = true;
    socket.destroy();
    stopLooking();
  };
  const end = (how: Handshake['end']) => {
    if (isOver) return;
    stop();
    // Node has it as the code, whatever its type says.
    const isCertRefused = Boolean(socket.authorizationError);
    const handshake = { end: how, hasCipher, isSecure, isCertRefused };
    if (secureContext === undefined || !isSilentEnd(handshake)) {
      found(troubleIn(handshake, access, address));
      return;
    }
    // Our own server without TLS ends so, but also one with TLS that is full.
    stopLooking = lookForPlaintext(access, PATIENCE_MS, (isPlaintext) =>
      found(isPlaintext ? untrusted(withoutTls({ address })) : undefined),
    );
  };
  socket.setTimeout(PATIENCE_MS, () => end(undefined));
  // What it tells is a secret, and not looked at.
  socket.on('keylog', () => {
    hasCipher = true;
  });
  socket.on('secureConnect', () => {
    isSecure = true;
    if (secureContext === undefined) end(undefined);
  });
  // A server of HTTP/2 speaks first, but only to whom it lets in: with TLS 1.3 it judges after the client is done.
  socket.on('data', () => end(undefined));
  socket.on('error', (error) => end(error));
  socket.on('close', () => end('closed'));
  return stop;
}

/** The connection was there, and ended before there was TLS, without an alert. */
function isSilentEnd({ end, isSecure }: Handshake): boolean {
  return !isSecure && (end === 'closed' || END_CODES.has(codeOf(end)));
}

function codeOf(end: Handshake['end']): string {
  return typeof end === 'object' ? (end.code ?? '') : '';
}

function untrusted(message: string): ChatError {
  return new ChatError({ reason: 'untrusted', message });
}

function troubleIn(handshake: Handshake, { host, tls }: ServerAccess, address: ServerAddress): ChatError | undefined {
  const { end, isSecure } = handshake;
  const code = codeOf(end);
  if (tls === undefined) {
    const isTls = isSecure || code.includes('_ALERT_');
    return isTls ? untrusted(`${address} speaks TLS; connect with it (--tls, --ca FILE, option tls)`) : undefined;
  }
  const names = namesIn(typeof end === 'object' ? end.cert?.subjectaltname : '');
  const at = { address, code, expected: expectedName(host, tls), names, isCertShown: tls.cert !== undefined };
  // Whoever is let in hears something. An alert that says why it was not may be overtaken by the end.
  if (isSecure && (end === 'closed' || END_CODES.has(code))) return untrusted(aboutAnEnd(at));
  if (handshake.hasCipher && HANDSHAKE_FAILURE.test(code)) return untrusted(aboutOurCert(at));
  const trouble = TROUBLES.find(({ codes }) => codes.test(code));
  if (trouble !== undefined) return untrusted(trouble.words(at));
  return handshake.isCertRefused ? untrusted(`the certificate of ${address} is no good (${code})`) : undefined;
}

/** A server's words, and so of any length; what is not to be printed is written by its number (Node 24). */
function namesIn(alternatives = ''): string {
  const names = alternatives.replaceAll(/(DNS|IP Address):/g, '');
  return names === '' ? 'nobody' : names.slice(0, MOST_NAMES_SHOWN);
}
