import { describe, expect, test } from 'vitest';
import { PlayedChat } from '../../../support/played-chat.ts';

const ERASE_LINE = { kind: 'edit', edit: { kind: 'kill', way: 'back', by: 'line' } } as const;

const taken = { reason: 'user_taken', message: 'ana is in general already', retryAfterMs: undefined };

describe('the way in', () => {
  test('with a name and a room, it connects, joins, and asks who is there and what was said', () => {
    const chat = new PlayedChat();
    expect(chat.effects).toEqual([{ kind: 'connect', name: 'ana' }]);
    chat.effects = [];
    chat.welcome();
    expect(chat.effects).toEqual([{ kind: 'join', room: 'general' }, { kind: 'ask_round_trip' }]);
    chat.effects = [];
    const position = { epoch: 'one', seq: 7n };
    chat.do({ kind: 'joined', joined: { room: 'general', welcomeMessage: 'Hello.', position, memberCount: 2 } });
    expect(chat.effects).toEqual([
      { kind: 'ask_history', room: 'general', epoch: 'one', before: 8n, limit: 100 },
      { kind: 'ask_members', room: 'general', page: '', purpose: 'pane' },
    ]);
    expect(chat.said).toEqual(['* 12:00 Hello. 1 other is here.']);
    expect(chat.status).toMatch(/^─ connected · general #7 /);
  });

  test('with a token it asks for no name, and says who one is', () => {
    const chat = new PlayedChat({ name: '', isKnown: true });
    expect(chat.effects).toEqual([{ kind: 'connect', name: '' }]);
    chat.effects = [];
    const welcome = { kind: 'welcomed', userId: 'ana', displayName: 'Ana Smith', limits: undefined } as const;
    expect(chat.do(welcome).effects).toContainEqual({ kind: 'join', room: 'general' });
    expect(chat.said).toEqual(['* 12:00 you are Ana Smith (ana)']);
    // Another stream, later, is no news.
    expect(chat.do(welcome).said).toHaveLength(1);
  });

  test('with a token, no other name is offered where one is taken or not taken', () => {
    const chat = new PlayedChat({ name: '', isKnown: true }).welcome();
    chat.do({ kind: 'join_refused', room: 'general', why: taken });
    expect(chat.said.at(-1)).toBe('* 12:00 cannot join general: ana is in general already');
    expect(chat.typed).toEqual(['room [general]:']);

    const refused = { reason: 'invalid_user', message: 'no such user', retryAfterMs: undefined };
    const other = new PlayedChat({ name: '', isKnown: true });
    other.effects = [];
    other.do({ kind: 'disconnected', why: refused, wasWelcomed: false });
    expect(other.effects).toEqual([{ kind: 'quit', failure: refused }]);
  });

  test('without them, it asks for the name, then the room, which is "general" when left empty', () => {
    const chat = new PlayedChat({ name: '', room: '' });
    expect(chat.effects).toEqual([]);
    expect(chat.typed).toEqual(['name:']);
    expect(chat.enter('  ')).toEqual([]);
    expect(chat.enter(' bob ')).toEqual([]);
    expect(chat.typed).toEqual(['room [general]:']);
    expect(chat.enter('')).toEqual([{ kind: 'connect', name: 'bob' }]);
    chat.effects = [];
    expect(chat.welcome('bob').effects).toContainEqual({ kind: 'join', room: 'general' });
  });

  test('a name that is taken: says so and offers another', () => {
    const chat = new PlayedChat().welcome().do({ kind: 'join_refused', room: 'general', why: taken });
    expect(chat.said).toEqual(['* 12:00 ana is in general already. Another name?']);
    expect(chat.typed).toEqual(['name: ana2']);
    chat.effects = [];
    chat.press({ kind: 'submit' });
    expect(chat.effects).toEqual([{ kind: 'connect', name: 'ana2' }]);
    chat.welcome('ana2').do({ kind: 'join_refused', room: 'general', why: taken });
    expect(chat.typed).toEqual(['name: ana3']);
  });

  test('a name that a ghost of oneself holds: says until when it waits', () => {
    const chat = new PlayedChat().welcome();
    const until = new Date(chat.nowMs + 10_000);
    chat.told({ kind: 'join_delayed', room: 'general', until, because: Object.assign(new Error(), taken) as never });
    expect(chat.said).toEqual(['* 12:00 your name is held by a session that is gone; joining general at 12:00:10']);
    expect(chat.status).toContain('general (joining)');
    expect(chat.join('general').status).toContain('general #1');
  });

  test('another refusal of the first room asks for another room', () => {
    const why = { reason: 'room_full', message: 'general is full', retryAfterMs: undefined };
    const chat = new PlayedChat().welcome().do({ kind: 'join_refused', room: 'general', why });
    expect(chat.said).toEqual(['* 12:00 cannot join general: general is full']);
    expect(chat.typed).toEqual(['room [general]:']);
  });

  test('a name that the server does not take is asked for again', () => {
    const why = { reason: 'invalid_user', message: 'a user id has 64 bytes at most', retryAfterMs: undefined };
    const chat = new PlayedChat().do({ kind: 'disconnected', why, wasWelcomed: false });
    expect(chat.said).toEqual(['* 12:00 a user id has 64 bytes at most. Another name?']);
    expect(chat.typed).toEqual(['name:']);
  });

  test('without a server it ends, and says why', () => {
    const why = { reason: 'unreachable', message: 'no chat server', retryAfterMs: undefined };
    const chat = new PlayedChat().do({ kind: 'disconnected', why, wasWelcomed: false });
    expect(chat.effects.at(-1)).toEqual({ kind: 'quit', failure: why });
  });
});

test('/quit ends it wherever one is asked', () => {
  expect(new PlayedChat({ name: '' }).enter('/quit')).toEqual([{ kind: 'quit', failure: undefined }]);
  expect(new PlayedChat({ room: '' }).enter(' /quit ')).toEqual([{ kind: 'quit', failure: undefined }]);
  expect(new PlayedChat().enter('/quit')).toEqual([{ kind: 'quit', failure: undefined }]);
});

describe('rooms', () => {
  test('/join takes a seat in another room and shows it, or shows one that is joined', () => {
    const chat = PlayedChat.talking();
    expect(chat.enter('/join attic')).toEqual([{ kind: 'join', room: 'attic' }]);
    chat.join('attic');
    expect(chat.head).toBe('attic · 1 member');
    expect(chat.enter('/join general')).toEqual([]);
    expect(chat.head).toBe('general · 1 member');
    expect(chat.side.slice(0, 2)).toEqual(['›1 general', ' 2 attic']);
  });

  test('Alt+number, Ctrl+N and Ctrl+P go from one to another', () => {
    const chat = PlayedChat.talking();
    for (const room of ['attic', 'cellar']) {
      chat.enter(`/join ${room}`);
      chat.join(room);
    }
    const shown = (intent: Parameters<PlayedChat['press']>[0]) => chat.press(intent).state.shown;
    expect(shown({ kind: 'go_to_room', number: 1 })).toBe('general');
    expect(shown({ kind: 'step_room', way: 'forward' })).toBe('attic');
    expect(shown({ kind: 'step_room', way: 'back' })).toBe('general');
    expect(shown({ kind: 'step_room', way: 'back' })).toBe('cellar');
    expect(shown({ kind: 'step_room', way: 'forward' })).toBe('general');
    expect(shown({ kind: 'go_to_room', number: 9 })).toBe('general');
  });

  test('/leave leaves the shown one, and the next is shown; without any, words are not sent', () => {
    const chat = PlayedChat.talking();
    chat.enter('/join attic');
    chat.join('attic');
    expect(chat.enter('/leave')).toEqual([{ kind: 'leave', room: 'attic' }]);
    expect(chat.status).toContain('attic (leaving)');
    chat.do({ kind: 'left', room: 'attic' });
    expect(chat.head).toBe('general · 1 member');
    expect(chat.said.at(-1)).toBe('* 12:00 left attic');
    expect(chat.enter('/leave general')).toEqual([{ kind: 'leave', room: 'general' }]);
    chat.do({ kind: 'left', room: 'general' });
    expect(chat.enter('anybody there?')).toEqual([]);
    expect(chat.said.at(-1)).toBe('* 12:00 not sent: you are in no room; /join ROOM takes you to one');
    expect(chat.typed).toEqual(['> anybody there?']);
    chat.press(ERASE_LINE);
    expect(chat.enter('/leave nowhere')).toEqual([]);
    expect(chat.said.at(-1)).toBe('* 12:00 you are not in nowhere');
  });

  test('a seat that the server took away is told, keeps its pane, and can be taken again', () => {
    const chat = PlayedChat.talking().hears('bob', 'before');
    chat.told({ kind: 'removed', room: 'general', reason: 'kicked' });
    expect(chat.said.at(-1)).toContain('you were put out of general');
    expect(chat.enter('still there?')).toEqual([]);
    expect(chat.said.at(-1)).toBe('* 12:00 not sent: your seat here is gone; /join general tries again');
    chat.press(ERASE_LINE);
    expect(chat.enter('/join general')).toEqual([{ kind: 'join', room: 'general' }]);
  });

  test('/rooms lists what the server has, and Tab then knows it', () => {
    const chat = PlayedChat.talking();
    expect(chat.enter('/rooms')).toEqual([{ kind: 'ask_rooms' }]);
    const position = { epoch: 'e', seq: 1n };
    const rooms = [
      { room: 'general', memberCount: 2, position },
      { room: 'games', memberCount: 1, position },
    ];
    chat.do({ kind: 'rooms_came', page: { rooms, nextPageToken: '' } });
    expect(chat.said.at(-1)).toBe('* 12:00 rooms: general (2), games (1)');
    chat.type('/join ga').press({ kind: 'complete', way: 'forward' });
    expect(chat.typed).toEqual(['> /join games']);
  });
});
