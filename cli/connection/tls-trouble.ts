import { connect, type SecureContext } from 'node:tls';
import { ChatError } from './errors.ts';
import type { ServerAccess } from './server-access.ts';
import type { ServerAddress } from './server-address.ts';
import { expectedName, socketOptions } from './tls-options.ts';

/** How long the server may take to show what is wrong. */
const PATIENCE_MS = 3_000;
const MOST_NAMES_SHOWN = 200;

/** What a server says in an alert about a certificate that it was not shown, or does not take. */
const ABOUT_OUR_CERT =
  /_ALERT_(CERTIFICATE_\w+|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/;

interface Circumstances {
  readonly address: ServerAddress;
  /** What should stand in the server's certificate, and what does. */
  readonly expected: string;
  readonly names: string;
  readonly isCertShown: boolean;
}

/** The codes of Node and OpenSSL, and what they mean to a person; the first that fits. */
const TROUBLES: readonly { readonly codes: RegExp; readonly words: (at: Circumstances) => string }[] = [
  {
    codes: /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/,
    words: ({ address }) => `${address} does not speak TLS; connect without it, or give the server a certificate`,
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
  { codes: /^(ERR_SSL|ERR_TLS|CERT)_/, words: ({ address }) => `there is no way to speak TLS with ${address}` },
];

function aboutOurCert({ address, isCertShown }: Circumstances): string {
  return isCertShown
    ? `${address} does not take the client certificate; it wants one of an authority that it trusts`
    : `${address} asks clients for a certificate; show one (--cert FILE --key FILE, options tls.cert and tls.key)`;
}

/** How a handshake went. */
type Handshake =
  | { readonly kind: 'done' }
  /** The server ended it without a word. */
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'failed';
      readonly error: NodeJS.ErrnoException & { readonly cert?: { subjectaltname?: string } };
    };

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
  let isSecure = false;
  let isOver = false;
  const end = (handshake: Handshake | undefined) => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    if (handshake !== undefined) found(troubleIn(handshake, access, address, isSecure));
  };
  socket.setTimeout(PATIENCE_MS, () => end({ kind: 'done' }));
  socket.on('secureConnect', () => {
    isSecure = true;
    if (secureContext === undefined) end({ kind: 'done' });
  });
  // A server of HTTP/2 speaks first, but only to whom it lets in: with TLS 1.3 it judges after the client is done.
  socket.on('data', () => end({ kind: 'done' }));
  socket.on('error', (error) => end({ kind: 'failed', error }));
  socket.on('close', () => end({ kind: 'closed' }));
  return () => end(undefined);
}

function troubleIn(
  handshake: Handshake,
  { host, tls }: ServerAccess,
  address: ServerAddress,
  isSecure: boolean,
): ChatError | undefined {
  const untrusted = (message: string) => new ChatError({ reason: 'untrusted', message });
  const code = handshake.kind === 'failed' ? (handshake.error.code ?? '') : '';
  if (tls === undefined) {
    const isTls = isSecure || code.includes('_ALERT_');
    return isTls ? untrusted(`${address} speaks TLS; connect with it (--tls, --ca FILE, option tls)`) : undefined;
  }
  const names = namesIn(handshake.kind === 'failed' ? handshake.error.cert?.subjectaltname : '');
  const at = { address, expected: expectedName(host, tls), names, isCertShown: tls.cert !== undefined };
  // Whoever is let in hears something. An alert that says why it was not may be overtaken by the end.
  const isShutOut = isSecure && (handshake.kind === 'closed' || code === 'ECONNRESET');
  if (isShutOut) return untrusted(aboutOurCert(at));
  const trouble = TROUBLES.find(({ codes }) => codes.test(code));
  return trouble && untrusted(trouble.words(at));
}

/** A server's words, and so of any length; what is not to be printed is written by its number (Node 24). */
function namesIn(alternatives = ''): string {
  const names = alternatives.replaceAll(/(DNS|IP Address):/g, '');
  return names === '' ? 'nobody' : names.slice(0, MOST_NAMES_SHOWN);
}
