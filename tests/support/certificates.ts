import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { bits, type Der, inPlace, integer, octets, oid, sequence, set, TRUE, text, time, wrapped } from './der.ts';

const HOUR_MS = 3_600_000;

/** A certificate and the key that belongs to it, both PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

interface Validity {
  /** Default an hour ago: clocks differ. */
  readonly notBefore?: Date;
  /** Default an hour from now. */
  readonly notAfter?: Date;
}

interface Wish extends Validity {
  /** Host names and addresses of a server; none for a client. */
  readonly names?: readonly string[];
  /** Default the first of `names`, or "client". */
  readonly subject?: string;
  /** What it is good for; default a server if there are names, and a client otherwise. */
  readonly use?: 'server' | 'client' | 'both';
}

/** Somebody who signs certificates: by elliptic curve P-256, SHA-256. */
export class Authority implements Certified {
  readonly cert: string;
  readonly key: string;
  readonly #key: KeyObject;
  readonly #name: string;

  /** One that was made before. */
  constructor({ cert, key }: Certified) {
    this.cert = cert;
    this.key = key;
    this.#key = createPrivateKey(key);
    this.#name = /^CN=(.*)$/m.exec(new X509Certificate(cert).subject)?.[1] ?? '';
  }

  /** A certificate for a server or a client, with a key of its own. */
  issue({ names = [], subject, use, ...validity }: Wish = {}): Certified {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const purpose = use ?? (names.length > 0 ? 'server' : 'client');
    const purposes = purpose === 'both' ? [1, 2] : [purpose === 'server' ? 1 : 2];
    const extensions = [
      extension('2.5.29.19', sequence(), true),
      extension('2.5.29.15', bits(Buffer.of(0x80), 7), true),
      extension('2.5.29.37', sequence(...purposes.map((one) => oid(`1.3.6.1.5.5.7.3.${one}`)))),
      extension('2.5.29.35', sequence(inPlace(0, keyIdOf(createPublicKey(this.#key))))),
    ];
    if (names.length > 0) extensions.push(extension('2.5.29.17', sequence(...names.map(alternativeName))));
    const cert = signed({
      ...{ subject: subject ?? names[0] ?? 'client', publicKey, extensions, ...validity },
      ...{ issuer: this.#name, issuerKey: this.#key },
    });
    return { cert, key: pemOf(privateKey) };
  }
}

export function authority({
  name = 'chat-grpc test authority',
  ...validity
}: Validity & { name?: string } = {}): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const extensions = [
    // It signs servers and clients, no other authorities.
    extension('2.5.29.19', sequence(TRUE, integer(Buffer.of(0))), true),
    extension('2.5.29.15', bits(Buffer.of(0x06), 1), true),
    extension('2.5.29.14', octets(keyIdOf(publicKey))),
  ];
  const cert = signed({ subject: name, publicKey, extensions, issuer: name, issuerKey: privateKey, ...validity });
  return new Authority({ cert, key: pemOf(privateKey) });
}

/** RFC 5280, 4.1. */
function signed(about: {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Der[];
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}): string {
  const { subject, publicKey, extensions, issuer, issuerKey } = about;
  const { notBefore = new Date(Date.now() - HOUR_MS), notAfter = new Date(Date.now() + HOUR_MS) } = about;
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  // Its first byte must not be 0: integers have one encoding.
  const serial = Buffer.concat([Buffer.of(0x40), randomBytes(15)]);
  const body = sequence(
    wrapped(0, integer(Buffer.of(2))),
    integer(serial),
    algorithm,
    nameOf(issuer),
    sequence(time(notBefore), time(notAfter)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    wrapped(3, sequence(...extensions)),
  );
  const whole = sequence(body, algorithm, bits(sign('sha256', body, issuerKey)));
  const lines = whole.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}

function extension(id: string, value: Der, isCritical = false): Der {
  return sequence(oid(id), ...(isCritical ? [TRUE] : []), octets(value));
}

function nameOf(commonName: string): Der {
  return sequence(set(sequence(oid('2.5.4.3'), text(commonName))));
}

function alternativeName(name: string): Der {
  return isIP(name) === 0 ? inPlace(2, Buffer.from(name)) : inPlace(7, addressBytes(name));
}

function addressBytes(address: string): Der {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [before = [], after = []] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** By which a certificate names the key that signed it. */
function keyIdOf(publicKey: KeyObject): Der {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest() as Der;
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
