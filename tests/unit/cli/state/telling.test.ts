import { describe, expect, test } from 'vitest';
import { PlayedChat } from '../../../support/played-chat.ts';

const lost = { reason: 'lost', message: 'the connection was lost', retryAfterMs: undefined };

describe('what is said', () => {
  test('has time, name and words; what wraps stands below the name', () => {
    const chat = PlayedChat.talking({ columns: 40 }).hears('bob', 'a line that is too long for forty columns');
    expect(chat.said.slice(-2)).toEqual(['  12:00 bob: a line that is too long for', '        forty columns']);
  });

  test('in a terminal that is very narrow there is no time', () => {
    const chat = PlayedChat.talking({ columns: 20 }).hears('bob', 'a line that is long');
    expect(chat.said.slice(-2)).toEqual(['  bob: a line that', '  is long']);
  });

  test('wide characters and combining marks take the cells that they take', () => {
    const chat = PlayedChat.talking({ columns: 40 }).hears('李雷', `${'好'.repeat(14)}e\u0301!`);
    expect(chat.said.slice(-2)).toEqual([`  12:00 李雷: ${'好'.repeat(13)}`, '        好é!']);
  });

  test('nobody steers the terminal: not by words, name, room or the server', () => {
    const evil = 'a\u001b[2J\u0007\u202eb\u009b1mc\ud83dd\u200be';
    const shown = 'a␛[2J␇\ufffdb\ufffd1mc\ufffdd\ufffde';
    const chat = PlayedChat.talking().hears(evil, evil);
    expect(chat.said.at(-1)).toBe(`  12:00 ${shown}: ${shown}`);
    chat.told({ kind: 'notice', room: 'general', seq: 0n, text: evil, joinedCount: 0, leftCount: 0 });
    expect(chat.said.at(-1)).toBe(`* 12:00 ${shown}`);
    chat.moves('member_joined', evil);
    expect(chat.side.join()).toContain(shown.slice(0, 5));
    chat.do({ kind: 'disconnected', why: { ...lost, message: evil }, wasWelcomed: true });
    for (const row of [...chat.said, ...chat.side, chat.status, chat.head])
      expect(row).not.toMatch(/\p{Cc}|\p{Cs}|\u202e/u);
  });

  test('a new day has a line', () => {
    const chat = PlayedChat.talking().hears('bob', 'late');
    chat.nowMs += 86_400_000;
    chat.hears('bob', 'early');
    expect(chat.said.slice(-3)).toEqual([
      '  12:00 bob: late',
      expect.stringMatching(/^─+ Thu Nov 26 2026 ─+$/),
      '  12:00 bob: early',
    ]);
  });
});

describe('who comes and goes', () => {
  test('is one line as long as nothing else happens', () => {
    const chat = PlayedChat.talking();
    chat.moves('member_joined', 'bob').moves('member_left', 'bob');
    expect(chat.said.at(-1)).toBe('  12:00 bob joined, bob left');
    chat.moves('member_joined', 'eve').moves('member_joined', 'mia');
    expect(chat.said.at(-1)).toBe('  12:00 3 joined, 1 left: mia, eve, bob');
    chat.hears('eve', 'hi').moves('member_left', 'eve');
    expect(chat.said.slice(-3)).toEqual([
      '  12:00 3 joined, 1 left: mia, eve, bob',
      '  12:00 eve: hi',
      '  12:00 eve left',
    ]);
  });

  test('stands in the members pane, with those who are away', () => {
    const chat = PlayedChat.talking().moves('member_joined', 'bob');
    expect(chat.side.slice(2)).toEqual(['members 2', '  ana', '  bob']);
    expect(chat.moves('member_left', 'bob').side.slice(2)).toEqual(['members 1', '  ana']);
  });

  test('more joins and leaves than are told one by one: the count follows, and the list is asked for', () => {
    const chat = PlayedChat.talking();
    const text = '70 joined, 20 left';
    chat.told({ kind: 'notice', room: 'general', seq: 2n, text, joinedCount: 70, leftCount: 20 });
    expect(chat.head).toBe('general · 51 members');
    chat.effects = [];
    chat.do({ kind: 'ticked' });
    expect(chat.effects).toEqual([{ kind: 'ask_members', room: 'general', page: '', purpose: 'pane' }]);
    expect(chat.do({ kind: 'ticked' }).effects).toHaveLength(1);
  });

  test('a long list is paged, and asked for as one goes', () => {
    const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `m${from + i}`);
    const chat = PlayedChat.talking();
    chat.hasMembers('general', names(0, 20), { memberCount: 30, nextPageToken: 'p2' });
    expect(chat.side.at(-1)).toBe('1–18 of 30');
    chat.press({ kind: 'page_members', way: 'forward' });
    expect(chat.effects).toEqual([{ kind: 'ask_members', room: 'general', page: 'p2', purpose: 'pane' }]);
    chat.hasMembers('general', names(20, 30), { memberCount: 30, after: 'p2' });
    expect(chat.side.at(-1)).toBe('19–30 of 30');
    expect(chat.side).toContain('  m29');
    expect(chat.press({ kind: 'page_members', way: 'forward' }).side.at(-1)).toBe('19–30 of 30');
    expect(chat.press({ kind: 'page_members', way: 'back' }).side.at(-1)).toBe('1–18 of 30');
  });

  test('the side is not there in a narrow terminal; the status then says where unread waits', () => {
    const chat = PlayedChat.talking({ columns: 50 });
    chat.enter('/join attic');
    chat.join('attic').hears('bob', 'over here', { room: 'general' });
    expect(chat.said.every((row) => !row.includes('members'))).toBe(true);
    expect(chat.status).toContain('general 1');
  });
});

describe('unread', () => {
  const unreadIn = (chat: PlayedChat, room: string) => chat.state.rooms.find(({ name }) => name === room)?.pane.unread;

  test('is counted for rooms that are not shown, and a line says where it begins until one answers', () => {
    const chat = PlayedChat.talking().hears('bob', 'seen');
    chat.enter('/join attic');
    chat.join('attic').hears('bob', 'one').hears('bob', 'two');
    expect(chat.side[0]).toMatch(/^ 1 general +2$/);
    chat.press({ kind: 'go_to_room', number: 1 });
    expect(chat.side[0]).toBe('›1 general');
    const line = expect.stringMatching(/^─+ new ─+$/);
    expect(chat.said.slice(-4)).toEqual(['  12:00 bob: seen', line, '  12:00 bob: one', '  12:00 bob: two']);
    chat.hears('bob', 'three');
    expect(chat.said).toContainEqual(line);
    chat.enter('answer');
    expect(chat.said).not.toContainEqual(line);
  });

  test('stays when one comes back to a room where one had looked further up', () => {
    const chat = PlayedChat.talking();
    for (let count = 0; count < 40; count += 1) chat.hears('bob', `line ${count}`);
    chat.press({ kind: 'scroll', way: 'back', by: 'page' }).hears('bob', 'below');
    chat.enter('/join attic');
    chat.join('attic').press({ kind: 'go_to_room', number: 1 });
    expect(unreadIn(chat, 'general')).toBe(1);
    chat.press({ kind: 'scroll', way: 'forward', by: 'all' });
    expect(unreadIn(chat, 'general')).toBe(0);
  });

  test('is what comes while the terminal is not looked at, or while one looks further up', () => {
    const chat = PlayedChat.talking().do({ kind: 'focused', hasFocus: false }).hears('bob', 'psst');
    expect(unreadIn(chat, 'general')).toBe(1);
    chat.do({ kind: 'focused', hasFocus: true });
    expect(unreadIn(chat, 'general')).toBe(0);
    expect(chat.said.at(-2)).toMatch(/ new /);
    for (let count = 0; count < 40; count += 1) chat.hears('bob', `line ${count}`);
    chat.press({ kind: 'scroll', way: 'back', by: 'page' }).hears('bob', 'below');
    expect(unreadIn(chat, 'general')).toBe(1);
    chat.press({ kind: 'scroll', way: 'forward', by: 'all' });
    expect(unreadIn(chat, 'general')).toBe(0);
  });
});

describe('scrolling', () => {
  const long = () => {
    const chat = PlayedChat.talking({ rows: 12 });
    for (let count = 1; count <= 50; count += 1) chat.hears('bob', `line ${count}`);
    return chat;
  };

  test('what one looks at stays while more comes', () => {
    const chat = long().press({ kind: 'scroll', way: 'back', by: 'page' });
    const seen = chat.said;
    expect(seen.at(-1)).toBe('  12:00 bob: line 43');
    chat.hears('bob', 'line 51').hears('bob', 'line 52');
    expect(chat.said).toEqual(seen);
    expect(chat.head).toContain('↓ 9 more, PgDn');
  });

  test('up to the first row and down to the last, and not beyond', () => {
    const chat = long().press({ kind: 'scroll', way: 'back', by: 'all' });
    expect(chat.said[0]).toContain('You are in general.');
    expect(chat.said).toHaveLength(9);
    const top = chat.said;
    expect(chat.press({ kind: 'scroll', way: 'back', by: 'row' }).said).toEqual(top);
    expect(chat.press({ kind: 'scroll', way: 'forward', by: 'row' }).said[0]).toContain('line 1');
    expect(chat.press({ kind: 'scroll', way: 'forward', by: 'all' }).said.at(-1)).toContain('line 50');
    expect(chat.state.rooms[0]?.pane.view).toEqual({ kind: 'end' });
    expect(chat.press({ kind: 'scroll', way: 'forward', by: 'page' }).said.at(-1)).toContain('line 50');
  });

  test('a pane that is not full does not move', () => {
    const chat = PlayedChat.talking().hears('bob', 'hi');
    expect(chat.press({ kind: 'scroll', way: 'back', by: 'page' }).state.rooms[0]?.pane.view).toEqual({ kind: 'end' });
  });

  test('what one looks at stays when the terminal is made narrower', () => {
    const chat = long().press({ kind: 'scroll', way: 'back', by: 'page' });
    chat.do({ kind: 'resized', columns: 19, rows: 12 });
    expect(chat.said.at(-1)).toBe('  bob: line 43');
  });

  test('a pane keeps two thousand entries and some; what is older is asked for by whoever looks back', () => {
    const chat = PlayedChat.talking();
    for (let count = 1; count <= 2500; count += 1) chat.hears('bob', `line ${count}`);
    const oldest = () => chat.state.rooms[0]?.pane.entries[0];
    expect(chat.state.rooms[0]?.pane.entries.length).toBeLessThanOrEqual(2200);
    const first = oldest();
    const up = { kind: 'scroll', way: 'back', by: 'all' } as const;
    chat.press(up).press(up);
    const before = first?.kind === 'message' ? first.seq : 0n;
    expect(chat.effects.at(-1)).toEqual({ kind: 'ask_history', room: 'general', epoch: 'one', before, limit: 50 });
    for (let count = 2501; count <= 5000; count += 1) chat.hears('bob', `line ${count}`);
    expect(oldest()).toBe(first);
    chat.press({ kind: 'scroll', way: 'forward', by: 'all' }).hears('bob', 'one more');
    expect(chat.state.rooms[0]?.pane.entries.length).toBeLessThanOrEqual(2200);
  });

  test('beyond ten thousand, what one looks at goes too, and the oldest that is left is seen', () => {
    const chat = PlayedChat.talking();
    for (let count = 1; count <= 100; count += 1) chat.hears('bob', `line ${count}`);
    chat.press({ kind: 'scroll', way: 'back', by: 'all' });
    for (let count = 101; count <= 10_300; count += 1) chat.hears('bob', `line ${count}`);
    expect(chat.state.rooms[0]?.pane.entries.length).toBeLessThanOrEqual(10_200);
    expect(chat.said).toHaveLength(21);
    expect(chat.said.at(-1)).toMatch(/line \d+$/);
  });
});

describe('the past', () => {
  const message = (seq: number) => {
    const at = new Date(2026, 10, 25, 11);
    return {
      kind: 'message',
      room: 'general',
      seq: BigInt(seq),
      userId: 'bob',
      displayName: 'bob',
      content: `old ${seq}`,
      messageId: '',
      at,
    } as const;
  };

  const joined = () => {
    const chat = new PlayedChat().welcome();
    const position = { epoch: 'one', seq: 9n };
    chat.do({ kind: 'joined', joined: { room: 'general', welcomeMessage: '', position, memberCount: 1 } });
    chat.effects = [];
    return chat;
  };

  test('what was said before one came stands above what one was told since', () => {
    const chat = joined().told({ ...message(10), content: 'new' });
    const page = { room: 'general', epoch: 'one', events: [message(8), message(9)], hasMore: true };
    chat.do({ kind: 'history_came', room: 'general', before: 10n, page });
    expect(chat.said.map((row) => row.slice(8))).toEqual([
      'bob: old 8',
      'bob: old 9',
      'You are in general. Nobody else is here.',
      'bob: new',
    ]);
    expect(chat.enter('/history 5')).toEqual([
      { kind: 'ask_history', room: 'general', epoch: 'one', before: 8n, limit: 5 },
    ]);
    expect(chat.enter('/history 5')).toEqual([]);
  });

  test('whoever looks further up than the first row is brought what is older, and sees it', () => {
    const chat = joined();
    const page = (from: number, to: number) => {
      const events = Array.from({ length: to - from }, (_, index) => message(from + index));
      return { room: 'general', epoch: 'one', events, hasMore: from > 1 };
    };
    chat.do({ kind: 'history_came', room: 'general', before: 10n, page: page(5, 10) });
    const up = { kind: 'scroll', way: 'back', by: 'page' } as const;
    expect(chat.press(up).effects).toEqual([
      { kind: 'ask_history', room: 'general', epoch: 'one', before: 5n, limit: 50 },
    ]);
    expect(chat.press(up).effects).toHaveLength(1);
    chat.do({ kind: 'history_came', room: 'general', before: 5n, page: page(1, 5) });
    expect(chat.said[0]).toContain('bob: old 1');
    expect(chat.press(up).effects).toHaveLength(1);
    expect(chat.said.join()).not.toContain('nothing older');
  });

  test('at its beginning, or when it cannot be had, it is said', () => {
    const chat = joined();
    chat.do({
      kind: 'history_came',
      room: 'general',
      before: 10n,
      page: { room: 'general', epoch: 'one', events: [message(1)], hasMore: false },
    });
    expect(chat.enter('/history')).toEqual([]);
    expect(chat.said.at(-1)).toBe('* 12:00 nothing older is kept');
    const other = joined().do({
      kind: 'history_came',
      room: 'general',
      before: 10n,
      page: { ...lost, message: 'too fast' },
    });
    expect(other.said.at(-1)).toBe('* 12:00 no older events: too fast');
    expect(other.enter('/history')).toHaveLength(1);
  });

  test('a page that does not adjoin any more is not taken: it would hide what lies between', () => {
    const page = { room: 'general', epoch: 'one', events: [message(8), message(9)], hasMore: true };
    const late = { kind: 'history_came', room: 'general', before: 10n, page } as const;
    const cleared = joined().told({ ...message(10), content: 'new' });
    cleared.enter('/clear');
    expect(cleared.do(late).said).toEqual([]);
    const cut = joined();
    for (let count = 1; count <= 2300; count += 1) cut.hears('bob', `line ${count}`);
    const oldest = cut.state.rooms[0]?.pane.entries[0];
    expect(cut.do(late).state.rooms[0]?.pane.entries[0]).toBe(oldest);
    cut.effects = [];
    cut.enter('/history');
    const before = oldest?.kind === 'message' ? oldest.seq : 0n;
    expect(cut.effects).toEqual([{ kind: 'ask_history', room: 'general', epoch: 'one', before, limit: 50 }]);
  });

  test('/clear empties the pane, and /history brings it back', () => {
    const chat = PlayedChat.talking().hears('bob', 'hi');
    chat.enter('/clear');
    expect(chat.said).toEqual([]);
    expect(chat.enter('/history')).toEqual([
      { kind: 'ask_history', room: 'general', epoch: 'one', before: 3n, limit: 50 },
    ]);
  });
});

describe('the connection', () => {
  test('is told as it stands, to the second', () => {
    const chat = PlayedChat.talking();
    chat.do({ kind: 'waiting', untilMs: chat.nowMs + 3000, attempt: 1, because: lost });
    expect(chat.status).toMatch(/^─ reconnecting in 3 s · general #1 /);
    expect(chat.said.at(-1)).toContain('the connection was lost; what you type is kept and sent when it is back');
    chat.nowMs += 2000;
    expect(chat.do({ kind: 'ticked' }).status).toMatch(/^─ reconnecting in 1 s /);
    expect(chat.do({ kind: 'connecting' }).status).toMatch(/^─ connecting /);
    expect(chat.welcome().status).toMatch(/^─ connected /);
    chat.told({ kind: 'recovered', room: 'general', events: 40, messages: 37, awayMs: 12_000 });
    expect(chat.said.at(-1)).toBe('* 12:00 back after 12 s, 37 messages caught up');
    const why = { reason: 'replaced', message: 'the session goes on elsewhere', retryAfterMs: undefined };
    chat.effects = [];
    expect(chat.do({ kind: 'disconnected', why, wasWelcomed: true }).status).toMatch(/^─ offline /);
    expect(chat.said.at(-1)).toBe('* 12:00 the session goes on elsewhere. This is for good: /quit, and start again');
    expect(chat.enter('anybody?')).toEqual([]);
    expect(chat.press({ kind: 'quit' }).effects).toEqual([{ kind: 'quit', failure: why }]);
    chat.effects = [];
    const away = { ...lost, message: 'the server stayed away' };
    expect(chat.do({ kind: 'disconnected', why: away, wasWelcomed: true }).effects).toEqual([
      { kind: 'quit', failure: away },
    ]);
  });

  test('a server that goes away says so, and the status waits for it', () => {
    const chat = PlayedChat.talking().told({ kind: 'draining', reconnectAfterMs: 3000 });
    expect(chat.said.at(-1)).toBe('* 12:00 the server is going away; it said when to come back');
    chat.do({ kind: 'waiting', untilMs: chat.nowMs + 3000, attempt: 1, because: { ...lost, reason: 'draining' } });
    expect(chat.status).toMatch(/^─ server restarting, reconnecting in 3 s /);
  });

  test('what keeps it away and waiting does not mend is told once', () => {
    const chat = PlayedChat.talking();
    const because = { reason: 'untrusted', message: 'its certificate has expired', retryAfterMs: undefined };
    for (const attempt of [1, 2, 3]) {
      chat.do({ kind: 'waiting', untilMs: chat.nowMs + 3000, attempt, because }, { kind: 'connecting' });
    }
    expect(chat.said.slice(1)).toEqual(['* 12:00 its certificate has expired']);
    chat.do({ kind: 'waiting', untilMs: 0, attempt: 4, because: { ...because, message: 'its name is wrong' } });
    expect(chat.said.at(-1)).toBe('* 12:00 its name is wrong');
    chat.welcome().do({ kind: 'waiting', untilMs: 0, attempt: 1, because });
    expect(chat.said.at(-1)).toBe('* 12:00 its certificate has expired');
  });

  test('a token that runs out is told where one looks', () => {
    const chat = PlayedChat.talking().told({ kind: 'token_expires', because: undefined });
    expect(chat.said.at(-2)).toMatch(/^\* 12:00 your token expires within a minute and there is no other yet;/);
  });

  test('is asked every ten seconds whether it answers; that it does not is told after three', () => {
    const chat = new PlayedChat();
    chat.welcome();
    expect(chat.effects).toContainEqual({ kind: 'ask_round_trip' });
    chat.do({ kind: 'round_trip_took', ms: 1.26 });
    expect(chat.status).toContain('1.3 ms');
    chat.effects = [];
    chat.nowMs += 9_000;
    expect(chat.do({ kind: 'ticked' }).effects).toEqual([]);
    chat.nowMs += 1_000;
    expect(chat.do({ kind: 'ticked' }).effects).toEqual([{ kind: 'ask_round_trip' }]);
    chat.nowMs += 2_999;
    expect(chat.do({ kind: 'ticked' }).status).toMatch(/^─ connected /);
    chat.nowMs += 9_001;
    expect(chat.do({ kind: 'ticked' }).status).toMatch(/^─ no answer for 12 s /);
    expect(chat.do({ kind: 'round_trip_took', ms: 12_000 }).status).toMatch(/^─ connected /);
  });

  test('a room that began anew says so, and counts from there', () => {
    const chat = PlayedChat.talking().told({ kind: 'restarted', room: 'general', epoch: 'two' });
    expect(chat.said.at(-1)).toBe('* 12:00 general began anew');
    expect(chat.enter('/history')).toEqual([]);
  });
});
