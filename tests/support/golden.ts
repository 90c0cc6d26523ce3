import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('golden/', import.meta.url);

/** Bytes that protoc wrote; `name` is a file of tests/support/golden without its `.hex`. */
export function golden(name: string): Buffer {
  return Buffer.from(readFileSync(new URL(`${name}.hex`, FOLDER), 'utf8').replaceAll(/\s/g, ''), 'hex');
}

/** All names of one message type. */
export function goldenNames(message: string): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.startsWith(`${message}.`) && file.endsWith('.txtpb'));
  return files.map((file) => file.slice(0, -'.txtpb'.length)).sort();
}
