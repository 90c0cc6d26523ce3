import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whose code makes objects of a class. */
export type Owner = 'this server' | 'grpc-js' | 'nghttp2' | 'node';

const NGHTTP2 = 'Node / nghttp2_memory';
const OURS = classesIn('../../../dist/src/');
const OF_GRPC = classesIn('../../../node_modules/@grpc/grpc-js/build/src/');

/** By the classes that the sources of this server and of grpc-js have; what is of neither is node's. */
export function ownerOf(className: string): Owner {
  if (OURS.has(className)) return 'this server';
  if (OF_GRPC.has(className)) return 'grpc-js';
  return className === NGHTTP2 ? 'nghttp2' : 'node';
}

function classesIn(folder: string): ReadonlySet<string> {
  const root = fileURLToPath(new URL(folder, import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  const names = files.flatMap((name) => [
    ...readFileSync(root + name, 'utf8').matchAll(/^\s*(?:export )?class (\w+)/gm),
  ]);
  return new Set(names.map(([, name = '']) => name));
}
