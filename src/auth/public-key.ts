import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { AuthError } from './auth-error.ts';
import type { Keys } from './keys.ts';

const LEAST_RSA_BITS = 2048;

const ALGORITHMS_OF_CURVE: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/** Everything that any public key may go with. */
export const PUBLIC_KEY_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

/**
 * @param pem one public key or X.509 certificate. What else the certificate says is not looked at: it is trusted
 * because it was put there.
 * @throws AuthError when it is neither, or too weak.
 */
export function publicKeys(pem: string): Keys {
  const key = publicKeyOf(pem);
  const algorithms = algorithmsOf(key);
  return { algorithms, keyFor: async () => key };
}

/** The algorithms that go with a public key. @throws AuthError for none. */
export function algorithmsOf(key: KeyObject): readonly string[] {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength >= LEAST_RSA_BITS) return ['RS256', 'PS256'];
      throw new AuthError(`is an RSA key of ${modulusLength} bits, at least ${LEAST_RSA_BITS} are needed`);
    case 'ed25519':
      return ['EdDSA', 'Ed25519'];
    case 'ec': {
      const algorithm = ALGORITHMS_OF_CURVE[namedCurve];
      if (algorithm !== undefined) return [algorithm];
      throw new AuthError(`is a key on the curve ${namedCurve}; P-256, P-384 and P-521 can be used`);
    }
    default:
      throw new AuthError(`is a key of the kind ${key.asymmetricKeyType}; RSA, EC and Ed25519 can be used`);
  }
}

function publicKeyOf(pem: string): KeyObject {
  const labels = [...pem.matchAll(/^-----BEGIN ([A-Z0-9 ]+)-----\r?$/gm)].map(([, label]) => label ?? '');
  if (labels.some((label) => label.includes('PRIVATE'))) {
    throw new AuthError('holds a private key; the server needs the public one alone');
  }
  const [label] = labels;
  if (labels.length > 1) throw new AuthError('holds more than one key; for several, use a JWKS');
  if (label !== 'PUBLIC KEY' && label !== 'CERTIFICATE') {
    throw new AuthError('must hold a PEM block "BEGIN PUBLIC KEY" or "BEGIN CERTIFICATE"');
  }
  try {
    return label === 'CERTIFICATE' ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  } catch {
    // The cause may tell of its bytes.
    throw new AuthError(`holds a ${label} that cannot be read`);
  }
}
