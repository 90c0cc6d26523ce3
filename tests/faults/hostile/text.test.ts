import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { chat, hello, join, leave } from '../../support/envelopes.ts';
import { Program } from '../../support/program.ts';
import { fullClient, RawClient } from '../../support/raw-client.ts';
import { besiegedThroughout } from './support/besieged-throughout.ts';

const ROOM = 'general';
/** Four bytes, of which UTF-16 makes two units. */
const FOX = '🦊';

const besieged = besiegedThroughout({ LOG_LEVEL: 'debug', MAX_NAME_BYTES: '256' });

const HOSTILE: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'escape sequences', text: '\u001b[2J\u001b]0;owned\u0007\u001b[31mred\u009b5A' },
  { name: 'NUL', text: 'a\u0000b' },
  { name: 'bidi overrides', text: '\u202eevil\u2066\u2069\u200f' },
  { name: 'zero-width joiners', text: 'a\u200db\u200c\u200b\ufeff' },
  { name: 'tag characters and soft hyphens', text: '\u{e0041}\u00ad\u{e007f}' },
  { name: 'line and paragraph separators', text: 'a\r\nb\u2028c\u2029d\u0085e' },
  { name: 'noncharacters and private use', text: '\uffff\ufdd0\ue000\u{10ffff}' },
  { name: '4 KiB of combining marks', text: '\u0301'.repeat(2048) },
];

describe('content is delivered as it was said, whatever it is', () => {
  test.each(HOSTILE)('15 $name', async ({ text }) => {
    const mallory = await fullClient(besieged().port, 'mallory', [ROOM]);
    const reader = await fullClient(besieged().port, 'reader', [ROOM]);
    mallory.send(chat(ROOM, text));
    expect((await reader.hear('broadcast')).content).toBe(text);
    for (const client of [mallory, reader]) await leaves(client, ROOM);
  });
});

test('15 a terminal client writes nothing of it that a terminal obeys', async () => {
  const args = ['tail', 'shown', '--name', 'reader', '--port', `${besieged().port}`];
  await using reader = new Program('client', { args });
  const mallory = await fullClient(besieged().port, 'mallory', ['shown']);
  await mallory.hear('notice', ({ userId }) => userId === 'reader');
  for (const { text } of HOSTILE) mallory.send(chat('shown', text));
  mallory.send(chat('shown', 'the last'));
  await reader.shows('the last');
  // Line ends are the client's own: one for each message at least.
  const written = reader.stdout.replaceAll('\n', '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  expect(written).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Cs}/u);
  expect(reader.lines.filter((line) => line.includes('mallory: '))).toHaveLength(HOSTILE.length + 1);
  mallory.destroySocket();
});

describe('17 the words of a status are cut, and no emoji in them', () => {
  // "… is in …" has 200 UTF-16 units behind 32 and a half, or 32, of the room's.
  test.each([
    { name: 'where the cut would fall into one', room: FOX.repeat(63), length: 199 },
    { name: 'where it falls between two', room: `x${FOX.repeat(63)}`, length: 200 },
  ])('17 $name', async ({ room, length }) => {
    const userId = FOX.repeat(64);
    const holder = await fullClient(besieged().port, userId, [room]);
    const other = new RawClient(besieged().port);
    other.send(join(room, { userId }));
    const { status: code, message, trailers } = await other.ended;
    expect({ code, reason: trailers['chat-reason'] }).toEqual({ code: status.ALREADY_EXISTS, reason: 'user_taken' });
    expect(message).toMatch(/^(🦊)+ is in x?(🦊)+$/u);
    expect(message).toHaveLength(length);
    await leaves(holder, room);
  });
});

test('15 a name of marks in the order that costs most holds nobody up, and is refused', async () => {
  const pile = `a${'\u0301'.repeat(4000)}${'\u0323'.repeat(4000)}`;
  for (const first of [hello(pile), hello('mallory', { displayName: pile }), join(pile, { userId: 'mallory' })]) {
    const client = new RawClient(besieged().port);
    client.send(first);
    expect((await client.ended).status).toBe(status.INVALID_ARGUMENT);
  }
});

async function leaves(client: RawClient, room: string): Promise<void> {
  client.send(leave(room));
  await client.hear('left');
  client.destroySocket();
}
