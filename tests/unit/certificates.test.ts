import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Authority, authority, type Certified } from '../support/certificates.ts';

const certOf = ({ cert }: Certified) => new X509Certificate(cert);

function isSignedBy(certified: Certified, signer: Authority): boolean {
  const cert = certOf(certified);
  return cert.checkIssued(certOf(signer)) && cert.verify(certOf(signer).publicKey);
}

test('a certificate is for the names it was asked for, and signed by its authority', () => {
  const signer = authority();
  const server = signer.issue({ names: ['localhost', '127.0.0.1', '::1', '2001:db8::ff:1'] });
  const cert = certOf(server);

  expect(isSignedBy(server, signer)).toBe(true);
  expect(isSignedBy(server, authority())).toBe(false);
  expect(cert.checkPrivateKey(createPrivateKey(server.key))).toBe(true);
  expect([cert.checkHost('localhost'), cert.checkHost('example.org')]).toEqual(['localhost', undefined]);
  for (const address of ['127.0.0.1', '::1', '2001:db8::ff:1']) expect(cert.checkIP(address)).toBe(address);
  expect(cert.checkIP('127.0.0.2')).toBeUndefined();
  expect([cert.ca, certOf(signer).ca]).toEqual([false, true]);
});

test('a server and a client may do nothing else', () => {
  const signer = authority();
  expect(certOf(signer.issue({ names: ['localhost'] })).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(certOf(signer.issue()).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
});

test.each([
  { notBefore: '2020-01-01T00:00:00Z', notAfter: '2021-12-31T23:59:59Z' },
  { notBefore: '2049-12-31T23:59:59Z', notAfter: '2050-01-01T00:00:00Z' },
])('it is good from $notBefore to $notAfter', ({ notBefore, notAfter }) => {
  const cert = certOf(authority().issue({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) }));
  expect([cert.validFromDate, cert.validToDate]).toEqual([new Date(notBefore), new Date(notAfter)]);
});

test('make certs keeps the authority, renews the rest, and its keys are for the owner alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-grpc-certs-'));
  const make = () => {
    const script = fileURLToPath(new URL('../certs/run.ts', import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' });
    expect(status).toBe(0);
    const [ca, server, client] = ['ca', 'server', 'client'].map((name) => ({
      cert: readFileSync(join(folder, `certs/${name}.pem`), 'utf8'),
      mode: statSync(join(folder, `certs/${name}.key`)).mode & 0o777,
    }));
    return { stdout, ca, server, client };
  };

  const first = make();
  chmodSync(join(folder, 'certs/server.key'), 0o644);
  const second = make();
  rmSync(folder, { recursive: true });

  expect(first.stdout).toContain('the authority, new;');
  expect(second.stdout).toContain('the authority, kept;');
  expect(second.ca).toEqual(first.ca);
  expect(second.server?.cert).not.toBe(first.server?.cert);
  expect([second.ca, second.server, second.client].map((one) => one?.mode)).toEqual([0o600, 0o600, 0o600]);
  expect(new X509Certificate(second.client?.cert ?? '').checkIssued(new X509Certificate(second.ca?.cert ?? ''))).toBe(
    true,
  );
});
