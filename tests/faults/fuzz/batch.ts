import type { Command } from '../../../src/core/commands.ts';
import { decodeCommand } from '../../../src/wire/codec.ts';
import { hello, join } from '../../support/envelopes.ts';
import { framed } from '../../support/raw-stream.ts';
import { roomOf, validEnvelope } from './corpus.ts';
import { Dice } from './dice.ts';
import { mutated } from './mutations.ts';

/** What the servers of fuzz runs take; the deepest nesting fits into it. */
export const MAX_ENVELOPE_BYTES = 64 * 1024;
const MOST_ENVELOPES = 32;
/** User ids come again, but not while a stream has them. */
const USERS = 2000;

/** What one stream says before it half-closes, and how it may end: by reasons, 'ok' among them. */
export interface Batch {
  readonly kind: 'full' | 'basic' | 'first' | 'unframed';
  readonly bytes: Buffer;
  /** How many envelopes are in it that were meddled with. */
  readonly envelopes: number;
  readonly ends: ReadonlySet<string>;
}

/** What is no envelope is told by its reason. */
type Heard = Command | { readonly kind: 'unreadable'; readonly reason: string };

const REFUSED_FIRST = ['invalid_user', 'invalid_name', 'invalid_id', 'invalid_room', 'user_taken', 'server_full'];

/** The batch of this number, always the same for the same seed. */
export function batchOf(seed: number, number: number): Batch {
  const dice = new Dice(seed, number);
  const userId = `u-${number % USERS}`;
  const next = () => mutated(validEnvelope(dice, userId), dice, validEnvelope(dice, userId));
  const kind = dice.chance(0.05)
    ? 'unframed'
    : dice.pick(['full', 'full', 'full', 'full', 'basic', 'basic', 'first'] as const);
  if (kind === 'unframed') {
    const bytes = Buffer.concat([framed(hello(userId)), dice.bytes(1 + dice.below(200))]);
    // The first byte of them is seldom the prefix of anything short.
    return {
      kind,
      bytes,
      envelopes: 1,
      ends: new Set(['ok', 'envelope_too_large', 'invalid_envelope', 'already_welcomed']),
    };
  }
  if (kind === 'first') {
    const envelope = next();
    return { kind, bytes: framed(envelope), envelopes: 1, ends: new Set(endsOfFirst(heard(envelope))) };
  }
  const room = roomOf(dice);
  const introduction = kind === 'full' ? [hello(userId), join(room)] : [join(room, { userId })];
  const envelopes: Buffer[] = [];
  const ends = new Set<string>(kind === 'basic' ? ['user_taken'] : []);
  let isOver = false;
  while (!isOver && envelopes.length < MOST_ENVELOPES) {
    const envelope = next();
    envelopes.push(envelope);
    const command = heard(envelope);
    const end = kind === 'full' ? endOfFull(command) : endOfBasic(command);
    for (const reason of end) ends.add(reason);
    isOver = end.length > 0;
    // It may have been the last room.
    if (kind === 'basic' && command.kind === 'leave') ends.add('ok');
  }
  if (!isOver) ends.add('ok');
  const bytes = Buffer.concat([...introduction, ...envelopes].map(framed));
  return { kind, bytes, envelopes: envelopes.length, ends };
}

/** As the server must hear it: its own codec, in another process. */
function heard(envelope: Buffer): Heard {
  if (envelope.length > MAX_ENVELOPE_BYTES) return { kind: 'unreadable', reason: 'envelope_too_large' };
  return decodeCommand(envelope) ?? { kind: 'unreadable', reason: 'invalid_envelope' };
}

/** How a full client's stream may end for this, which then is the last that is handled; nothing when it lives. */
function endOfFull(command: Heard): readonly string[] {
  if (command.kind === 'unreadable') return [command.reason];
  // With a request_id that is none it is refused in-band.
  return command.kind === 'hello' ? ['already_welcomed', 'ok'] : [];
}

function endOfBasic(command: Heard): readonly string[] {
  switch (command.kind) {
    case 'unreadable':
      return [command.reason];
    case 'hello':
      return ['already_welcomed'];
    case 'history':
    case 'members':
    case 'heartbeat':
    case 'unrecognised':
      return ['invalid_envelope'];
    default:
      return [];
  }
}

function endsOfFirst(command: Heard): readonly string[] {
  switch (command.kind) {
    case 'hello':
    case 'join':
      return ['ok', ...REFUSED_FIRST];
    case 'post':
    case 'leave':
      return ['join_required'];
    default:
      return endOfBasic(command);
  }
}
