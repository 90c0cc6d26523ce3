import { describe, expect, test } from 'vitest';
import { PlayedChat } from '../../../support/played-chat.ts';

const refused = { reason: 'muted', message: 'you are muted', retryAfterMs: undefined };

describe('a message', () => {
  test('is pending, then acked, then told, and stands once', () => {
    const chat = PlayedChat.talking();
    const [post] = chat.enter('hello');
    expect(post).toMatchObject({ kind: 'post', room: 'general', content: 'hello' });
    const messageId = post?.kind === 'post' ? post.messageId : '';
    expect(chat.said.at(-1)).toBe('… 12:00 ana: hello');
    expect(chat.status).toContain('1 message waiting');
    chat.do({ kind: 'posted', room: 'general', messageId, seq: 2n });
    expect(chat.said.at(-1)).toBe('› 12:00 ana: hello');
    expect(chat.status).not.toContain('waiting');
    chat.hears('ana', 'hello', { messageId });
    expect(chat.said.filter((row) => row.includes('hello'))).toEqual(['› 12:00 ana: hello']);
    expect(chat.state.rooms[0]?.outgoing).toEqual([]);
  });

  test('may be told before it is acked', () => {
    const chat = PlayedChat.talking();
    chat.enter('hello');
    const messageId = chat.state.rooms[0]?.outgoing[0]?.messageId ?? '';
    chat.hears('ana', 'hello', { messageId }).do({ kind: 'posted', room: 'general', messageId, seq: 2n });
    expect(chat.said.filter((row) => row.includes('hello'))).toEqual(['› 12:00 ana: hello']);
  });

  test('that stands in a gap is shown all the same', () => {
    const chat = PlayedChat.talking();
    chat.enter('hello');
    const messageId = chat.state.rooms[0]?.outgoing[0]?.messageId ?? '';
    chat.do({ kind: 'posted', room: 'general', messageId, seq: 5n });
    chat.told({ kind: 'gap', room: 'general', epoch: 'one', fromSeq: 2n, toSeq: 9n });
    expect(chat.said.slice(-2)).toEqual(['* 12:00 8 events could not be recovered (2–9)', '› 12:00 ana: hello']);
    expect(chat.state.rooms[0]?.outgoing).toEqual([]);
  });

  test('that is acked by a room which began anew, before that is told, stands once', () => {
    const chat = PlayedChat.talking();
    for (let count = 0; count < 5; count += 1) chat.hears('bob', 'words');
    chat.enter('hello');
    const messageId = chat.state.rooms[0]?.outgoing[0]?.messageId ?? '';
    chat.do({ kind: 'posted', room: 'general', messageId, seq: 2n });
    chat.told({ kind: 'restarted', room: 'general', epoch: 'two' });
    const at = new Date(chat.nowMs);
    const common = { room: 'general', userId: 'ana', displayName: 'ana', at };
    chat.told({ kind: 'message', seq: 2n, content: 'hello', messageId, ...common });
    expect(chat.said.filter((row) => row.includes('hello'))).toEqual(['› 12:00 ana: hello']);
    expect(chat.said.at(-1)).toBe('› 12:00 ana: hello');
  });

  test('that is refused says why, and is sent again under its id with Ctrl+R, or dropped with Ctrl+X', () => {
    const chat = PlayedChat.talking();
    chat.enter('one');
    const messageId = chat.state.rooms[0]?.outgoing[0]?.messageId ?? '';
    chat.do({ kind: 'post_refused', room: 'general', messageId, why: refused });
    expect(chat.said.slice(-2)).toEqual([
      '! 12:00 ana: one',
      '        not sent: you are muted. Ctrl+R sends it again, Ctrl+X drops it',
    ]);
    expect(chat.status).toContain('1 not sent');
    chat.effects = [];
    chat.press({ kind: 'send_again' });
    expect(chat.effects).toEqual([{ kind: 'post', room: 'general', messageId, content: 'one' }]);
    expect(chat.said.at(-1)).toBe('… 12:00 ana: one');
    chat.do({ kind: 'post_refused', room: 'general', messageId, why: refused }).press({ kind: 'discard' });
    expect(chat.said.at(-1)).toBe('* 12:00 1 message dropped, unsent');
    expect(chat.state.rooms[0]?.outgoing).toEqual([]);
  });

  test('that was too fast says when it goes out', () => {
    const chat = PlayedChat.talking();
    chat.enter('quick');
    const messageId = chat.state.rooms[0]?.outgoing[0]?.messageId ?? '';
    chat.do({ kind: 'post_held', room: 'general', messageId, untilMs: chat.nowMs + 2000 });
    expect(chat.said.at(-1)).toBe('        too fast for the server; goes out in 2 s');
    chat.nowMs += 1000;
    chat.do({ kind: 'ticked' });
    expect(chat.said.at(-1)).toBe('        too fast for the server; goes out in 1 s');
  });

  test('a hundred may wait; the next is not taken, and what was typed stays', () => {
    const chat = PlayedChat.talking();
    for (let count = 0; count < 100; count += 1) expect(chat.enter(`message ${count}`)).toHaveLength(1);
    expect(chat.enter('one too many')).toEqual([]);
    expect(chat.said.at(-1)).toContain('not sent: 100 messages wait already');
    expect(chat.typed).toEqual(['> one too many']);
  });
});

test('who leaves a room with words on their way is told how many were not sent', () => {
  const chat = PlayedChat.talking();
  chat.enter('one');
  chat.enter('two');
  chat.enter('/leave');
  expect(chat.enter('three')).toEqual([]);
  expect(chat.said.at(-1)).toBe('* 12:00 not sent: you are leaving this room');
  expect(chat.do({ kind: 'left', room: 'general' }).said.at(-1)).toBe('* 12:00 left general; 2 messages not sent');
});

test('a draft that fills its row stays in sight, the cursor upon its last character', () => {
  const chat = PlayedChat.talking({ columns: 20 });
  chat.type('x'.repeat(18));
  expect(chat.typed).toEqual([`> ${'x'.repeat(18)}`]);
  expect(chat.cursor).toEqual({ x: 19, y: 0 });
  chat.press({ kind: 'edit', edit: { kind: 'insert', text: 'y' } });
  expect(chat.typed).toEqual([`> ${'x'.repeat(18)}`, '  y']);
  expect(chat.cursor).toEqual({ x: 3, y: 1 });
  chat.press({ kind: 'edit', edit: { kind: 'move', way: 'back', by: 'character' } });
  expect(chat.cursor).toEqual({ x: 2, y: 1 });
});

describe('what is typed', () => {
  test('an unknown command is said, not sent, and stays to be mended', () => {
    const chat = PlayedChat.talking();
    expect(chat.enter('/jion attic')).toEqual([]);
    expect(chat.said.join(' ')).toContain('there is no /jion');
    expect(chat.typed).toEqual(['> /jion attic']);
  });

  test('//x is the message /x', () => {
    expect(PlayedChat.talking().enter('//x')).toEqual([expect.objectContaining({ kind: 'post', content: '/x' })]);
  });

  test('a page that is pasted is one message', () => {
    const chat = PlayedChat.talking().do({ kind: 'pasted', text: 'one\r\ntwo\rthree', bytes: 14 });
    expect(chat.typed).toEqual(['> one', '  two', '  three']);
    chat.effects = [];
    chat.press({ kind: 'submit' });
    expect(chat.effects).toEqual([expect.objectContaining({ kind: 'post', content: 'one\ntwo\nthree' })]);
    expect(chat.said).toEqual(expect.arrayContaining(['… 12:00 ana: one', '        two', '        three']));
  });

  test('a page that is too large is refused with its size, and nothing of it is taken', () => {
    const chat = PlayedChat.talking()
      .type('before')
      .do({ kind: 'pasted', text: 'x'.repeat(6000), bytes: 6000 });
    expect(chat.said.at(-1)).toBe('* 12:00 not pasted: 6,000 bytes, and a message has 4096 at most');
    chat.do({ kind: 'pasted', text: undefined, bytes: 1_000_000 });
    expect(chat.said.at(-1)).toContain('not pasted: 1,000,000 bytes');
    expect(chat.typed).toEqual(['> before']);
  });

  test('near the limit the bytes are counted, and beyond it nothing is sent', () => {
    const chat = PlayedChat.talking();
    expect(chat.type('ü'.repeat(1600)).status).not.toContain('4096');
    expect(chat.type('ü'.repeat(50)).status).toMatch(/ 3300\/4096$/);
    expect(chat.enter('ü'.repeat(400))).toEqual([]);
    expect(chat.status).toMatch(/ 4100\/4096$/);
    expect(chat.said.at(-1)).toBe('* 12:00 not sent: 4100 bytes, and a message has 4096 at most');
  });

  test('what was sent comes back with Up, what was being typed with Down', () => {
    const chat = PlayedChat.talking();
    chat.enter('one');
    chat.enter('two');
    chat.type('half');
    const recall = (way: 'back' | 'forward') => chat.press({ kind: 'recall', way }).typed[0];
    expect([recall('back'), recall('back'), recall('back')]).toEqual(['> two', '> one', '> one']);
    expect([recall('forward'), recall('forward'), recall('forward')]).toEqual(['> two', '> half', '> half']);
  });

  test('a long draft shows the rows around the cursor, a third of the screen at most', () => {
    const chat = PlayedChat.talking({ rows: 12 }).do({ kind: 'pasted', text: 'a\nb\nc\nd\ne\nf\ng', bytes: 13 });
    expect(chat.typed).toEqual(['  d', '  e', '  f', '  g']);
    for (let up = 0; up < 5; up += 1) chat.press({ kind: 'recall', way: 'back' });
    expect(chat.typed).toEqual(['> a', '  b', '  c', '  d'].slice(0, 4));
  });

  test('Ctrl+D ends where nothing is typed, and deletes otherwise; Ctrl+C ends always', () => {
    const chat = PlayedChat.talking()
      .type('ab')
      .press({ kind: 'edit', edit: { kind: 'move', way: 'back', by: 'all' } });
    expect(chat.press({ kind: 'end_of_input' }).typed).toEqual(['> b']);
    expect(chat.press({ kind: 'end_of_input' }).effects).toEqual([]);
    expect(chat.press({ kind: 'end_of_input' }).effects).toEqual([{ kind: 'quit', failure: undefined }]);
    expect(chat.press({ kind: 'quit' }).effects).toHaveLength(2);
  });
});
