import type { ClientKind } from '../core/ports.ts';
import { serverEventsIn } from './codec.ts';

/** gRPC's prefix of a message: whether it is compressed, one byte, and its length. */
export const PREFIX_BYTES = 5;

interface Framed {
  readonly run: Uint8Array;
  readonly messages: Buffer;
}

// Everyone who stands at the same place is owed the very same run: it is framed once.
const latest: { [kind in ClientKind]?: Framed } = {};

/** Runs of entries as gRPC messages: one for a full client, one an event for a basic one. What they are made of may change no more. */
export function framed(runs: readonly Uint8Array[], client: ClientKind): Buffer {
  const [run] = runs;
  if (runs.length > 1 || run === undefined) return framedAnew(runs, client);
  const known = latest[client];
  if (known?.run === run) return known.messages;
  const messages = framedAnew(runs, client);
  latest[client] = { run, messages };
  return messages;
}

function framedAnew(runs: readonly Uint8Array[], client: ClientKind): Buffer {
  const messages = client === 'full' ? [runs] : runs.flatMap(serverEventsIn).map((event) => [event]);
  const framed = Buffer.allocUnsafe(messages.reduce((bytes, parts) => bytes + PREFIX_BYTES + bytesOf(parts), 0));
  let at = 0;
  for (const parts of messages) {
    framed.writeUInt8(0, at);
    framed.writeUInt32BE(bytesOf(parts), at + 1);
    at += PREFIX_BYTES;
    for (const part of parts) {
      framed.set(part, at);
      at += part.length;
    }
  }
  return framed;
}

function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((bytes, { length }) => bytes + length, 0);
}
