import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { AuthError } from '../../../src/auth/auth-error.ts';
import { keySet } from '../../../src/auth/key-set.ts';
import { publicKeys } from '../../../src/auth/public-key.ts';
import { ED25519, jwkOf, P256, pemOf, RSA } from '../../support/tokens.ts';

const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey;
const WEAK = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;

/** What is wrong with it. */
function problemOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof AuthError) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('a public key', () => {
  test.each([
    { key: RSA.publicKey, algorithms: ['RS256', 'PS256'] },
    { key: P256.publicKey, algorithms: ['ES256'] },
    { key: curve('P-384'), algorithms: ['ES384'] },
    { key: curve('P-521'), algorithms: ['ES512'] },
    { key: ED25519.publicKey, algorithms: ['EdDSA', 'Ed25519'] },
  ])('goes with $algorithms alone', ({ key, algorithms }) => {
    expect(publicKeys(pemOf(key)).algorithms).toEqual(algorithms);
    expect(publicKeys(`a word\r\n${pemOf(key).replaceAll('\n', '\r\n')}`).algorithms).toEqual(algorithms);
  });

  test('may stand in a certificate', () => {
    expect(publicKeys(CERTIFICATE).algorithms).toEqual(['ES256']);
  });

  const pem = pemOf(P256.publicKey);
  test.each([
    { what: 'nothing', content: '', problem: 'must hold a PEM block' },
    { what: 'a word', content: 'key', problem: 'must hold a PEM block' },
    { what: 'a JWKS', content: '{"keys":[]}', problem: 'must hold a PEM block' },
    { what: 'two keys', content: pem + pem, problem: 'more than one key' },
    { what: 'a private key', content: privatePem(), problem: 'holds a private key' },
    { what: 'a public key and a private one', content: pem + privatePem(), problem: 'holds a private key' },
    { what: 'a key cut short', content: pem.replace(/\n.*\n/, '\n'), problem: 'cannot be read' },
    {
      what: 'a certificate that is none',
      content: pem.replaceAll('PUBLIC KEY', 'CERTIFICATE'),
      problem: 'cannot be read',
    },
    { what: 'RSA of 1024 bits', content: pemOf(WEAK), problem: 'RSA key of 1024 bits' },
    { what: 'a strange curve', content: pemOf(curve('secp256k1')), problem: 'curve secp256k1' },
    {
      what: 'a key to agree upon others',
      content: pemOf(generateKeyPairSync('x25519').publicKey),
      problem: 'kind x25519',
    },
  ])('$what is refused', ({ content, problem }) => {
    expect(problemOf(() => publicKeys(content))).toContain(problem);
  });
});

describe('a JWKS', () => {
  const good = jwkOf(P256.publicKey, { kid: 'good' });
  const setOf = (...keys: unknown[]) => JSON.stringify({ keys });

  test.each([
    { what: 'one for encryption', key: jwkOf(RSA.publicKey, { kid: 'x', use: 'enc' }) },
    { what: 'one for something else', key: jwkOf(RSA.publicKey, { kid: 'x', key_ops: ['encrypt'] }) },
    { what: 'one with another algorithm', key: jwkOf(RSA.publicKey, { kid: 'x', alg: 'RS512' }) },
    { what: 'a weak one', key: jwkOf(WEAK, { kid: 'x' }) },
    { what: 'one of a strange kind', key: { kty: 'strange', kid: 'x' } },
    { what: 'a broken one', key: { ...jwkOf(RSA.publicKey), kid: 'x', n: 7 } },
  ])('passes $what by', async ({ key }) => {
    await expect(keySet(setOf(key, good)).keyFor({ alg: 'ES256', kid: 'good' })).resolves.toBeDefined();
    await expect(keySet(setOf(key, good)).keyFor({ alg: 'RS256', kid: 'x' })).rejects.toThrow('no applicable key');
    expect(problemOf(() => keySet(setOf(key)))).toContain('no public key');
  });

  test.each([
    { what: 'no JSON', content: '<html>', problem: 'is no JSON' },
    { what: 'null', content: 'null', problem: 'is no JWKS' },
    { what: 'a key', content: JSON.stringify(good), problem: 'is no JWKS' },
    { what: 'keys that are none', content: '{"keys":["a"]}', problem: 'is no JWKS' },
    { what: 'no keys', content: '{"keys":[]}', problem: 'no public key' },
    { what: 'a symmetric key', content: setOf(good, { kty: 'oct', k: 'c2VjcmV0' }), problem: 'symmetric key' },
    { what: 'a private key', content: setOf(good, jwkOf(RSA.privateKey)), problem: 'private key' },
    { what: 'too many', content: setOf(...Array.from({ length: 101 }, () => good)), problem: 'at most 100' },
  ])('$what is refused', ({ content, problem }) => {
    expect(problemOf(() => keySet(content))).toContain(problem);
  });
});

function privatePem(): string {
  return P256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=chat-grpc`. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUE8nHdgVUfNbyKfRPwbODH/TymsowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJY2hhdC1ncnBjMCAXDTI2MTEyNjA1NDQ1N1oYDzIxMjYxMTAy
MDU0NDU3WjAUMRIwEAYDVQQDDAljaGF0LWdycGMwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS3RLDNIM1l3r1VzYfOjMLvpJ+Xzy0KM+45kZrAPuC6GscoX12KWDEH
vxlUYnbRZnZ+3ElEhDLzeZ9ZJlJzeoFeo1MwUTAdBgNVHQ4EFgQUQL1w8YWTZY9O
IojVnCiOZiuvUegwHwYDVR0jBBgwFoAUQL1w8YWTZY9OIojVnCiOZiuvUegwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAESP8yxb3G/3DwLetRUaJL
FzOVjaYsCt4jUMJImvBdZQIgKHwDyQTuA0D8KhEgqvnypqqVB4OJ/PfIitdU+bjV
RYw=
-----END CERTIFICATE-----
`;
