import { chat, envelope, heartbeat, hello, history, join, leave, members, message } from '../../support/envelopes.ts';
import type { Dice } from './dice.ts';

const ROOMS = 10;

/** Where the streams of a run meet each other. */
export const roomOf = (dice: Dice): string => `fuzz-${dice.below(ROOMS)}`;

const TEXTS = [
  'hello',
  '__proto__',
  'constructor',
  '.',
  '🦊',
  'caf\u00e9',
  'cafe\u0301',
  '\u001b[2J',
  '\u202e',
  '\u0000',
  'x'.repeat(65),
  'x'.repeat(4097),
  `a${'\u0301'.repeat(100)}${'\u0323'.repeat(100)}`,
] as const;
const NUMBERS = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n] as const;

/** An envelope as a client might send it, on which a mutation can set to work. */
export function validEnvelope(dice: Dice, userId: string): Buffer {
  const room = dice.chance(0.8) ? roomOf(dice) : dice.pick(TEXTS);
  const requestId = dice.chance(0.5) ? `r-${dice.below(100)}` : '';
  const seq = dice.pick(NUMBERS);
  const say = () => chat(room, dice.pick(TEXTS), { messageId: `m-${dice.below(20)}`, requestId });
  return dice.pick([
    say,
    say,
    () => Buffer.concat([say(), message({ 11: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })]),
    () => envelope(2, { 1: userId, 2: room, 3: dice.pick(TEXTS), 4: seq, 6: seq, 7: 'n', 8: 't' }, requestId),
    () => join(room, { requestId, displayName: dice.pick(TEXTS) }),
    () => join(room, { requestId, position: { epoch: dice.pick(TEXTS), seq } }),
    () => leave(room, { requestId }),
    () => history(room, { beforeSeq: seq, limit: dice.below(20), requestId }),
    () => members(room, { pageSize: dice.below(20), pageToken: dice.pick(['', 'x']), requestId }),
    () => heartbeat(dice.pick(['', 'nonce', 'x'.repeat(17)]), { reply: dice.chance(0.3), requestId }),
    () => hello(userId, { client: 'fuzz/1', displayName: dice.pick(TEXTS), resumeToken: dice.pick(TEXTS), requestId }),
  ])();
}
