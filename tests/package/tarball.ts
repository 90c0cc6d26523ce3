import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Programs, the library with its types, the contract, and scenarios of the load tester. */
const WANTED = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^api\/proto\/.+\.proto$/,
  /^cli\/load\/scenarios\/.+\.yaml$/,
  /^dist\/(src|cli|api)\/.+\.js$/,
  /^dist\/(cli\/connection|api)\/.+\.d\.ts$/,
  /^dist\/api\/.+\.descriptors\.json$/,
];

/** Packs the folder. Returns where the tarball is. */
export function pack(root: string, into: string): string {
  const { files, filename } = packed(root, into);
  const paths = files.map(({ path }) => path);
  const unwanted = paths.filter((path) => !WANTED.some((wanted) => wanted.test(path)));
  if (unwanted.length > 0) throw new Error(`it holds what nobody needs: ${unwanted.join(', ')}`);
  const missing = WANTED.filter((wanted) => !paths.some((path) => wanted.test(path)));
  if (missing.length > 0) throw new Error(`it holds nothing like ${missing.join(', ')}`);
  const lost = paths.filter((path) => /^\/\/# sourceMappingURL=/m.test(readFileSync(join(root, path), 'utf8')));
  if (lost.length > 0) throw new Error(`source maps are named that it does not hold: ${lost.join(', ')}`);
  return join(into, filename);
}

export async function lint(tarball: string): Promise<void> {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball);
  const bytes = new Uint8Array(byteLength);
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  if (messages.length === 0) return;
  throw new Error(messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code).join('\n'));
}

function packed(root: string, into: string): Packed {
  const words = ['pack', '--json', '--loglevel=error', '--ignore-scripts', '--pack-destination', into];
  const { status, stdout, stderr } = spawnSync('npm', words, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm pack: ${stderr}`);
  const [one]: [Packed] = JSON.parse(stdout);
  return one;
}
