import { expect, test } from 'vitest';
import { ChatError, type ChatEvent, type ConnectionState } from '../../../cli/connection/index.ts';
import { jsonLine } from '../../../cli/plain/json-line.ts';
import { IN_JSON } from '../../../cli/plain/telling.ts';

const at = new Date(Date.UTC(2026, 0, 1, 20, 15, 12, 5));
const because = new ChatError({ reason: 'lost', message: 'cut', code: 14, retryAfterMs: 9 });
const ana = { room: 'lobby', userId: 'ana', displayName: 'Ana' };

test.each<{ event: ChatEvent; line: string }>([
  {
    event: { kind: 'message', ...ana, seq: 40n, content: 'say "hi"\n', messageId: 'm1', at },
    line: '{"kind":"message","room":"lobby","userId":"ana","displayName":"Ana","seq":40,"content":"say \\"hi\\"\\n","messageId":"m1","at":"2026-01-01T20:15:12.005Z"}',
  },
  {
    event: { kind: 'member_left', ...ana, seq: 41n, reason: 'lost', at },
    line: '{"kind":"member_left","room":"lobby","userId":"ana","displayName":"Ana","seq":41,"reason":"lost","at":"2026-01-01T20:15:12.005Z"}',
  },
  {
    event: { kind: 'gap', room: 'lobby', epoch: 'one', fromSeq: 1n, toSeq: 9_007_199_254_740_991n },
    line: '{"kind":"gap","room":"lobby","epoch":"one","fromSeq":1,"toSeq":9007199254740991}',
  },
  {
    event: { kind: 'join_delayed', room: 'lobby', until: at, because },
    line: '{"kind":"join_delayed","room":"lobby","until":"2026-01-01T20:15:12.005Z","because":{"reason":"lost","message":"cut"}}',
  },
  { event: { kind: 'draining', reconnectAfterMs: 3000 }, line: '{"kind":"draining","reconnectAfterMs":3000}' },
])('an event: $line', ({ event, line }) => {
  expect(IN_JSON.event(event)).toBe(line);
});

test.each<{ state: ConnectionState; line: string }>([
  { state: { kind: 'live' }, line: '{"kind":"state","state":"live"}' },
  {
    state: { kind: 'waiting', until: at, attempt: 2, because },
    line: '{"kind":"state","state":"waiting","until":"2026-01-01T20:15:12.005Z","attempt":2,"because":{"reason":"lost","message":"cut"}}',
  },
  { state: { kind: 'closed', why: undefined }, line: '{"kind":"state","state":"closed"}' },
])('a state: $line', ({ state, line }) => {
  expect(IN_JSON.state(state, 0)).toBe(line);
});

test.each([
  { what: 'a colour', text: 'a\u001b[31mb', written: 'a\\u001b[31mb' },
  { what: 'a line end', text: 'a\r\nb', written: 'a\\r\\nb' },
  { what: 'DEL', text: 'a\u007fb', written: 'a\\u007fb' },
  { what: 'C1', text: 'a\u0080\u009b31mb\u009f', written: 'a\\u0080\\u009b31mb\\u009f' },
  {
    what: 'bidi controls',
    text: '\u061c\u200e\u200f\u202a\u202e\u2066\u2069',
    written: '\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069',
  },
  { what: 'line and paragraph separator', text: 'a\u2028b\u2029c', written: 'a\\u2028b\\u2029c' },
  { what: 'half a surrogate pair', text: 'a\ud83db', written: 'a\\ud83db' },
  { what: 'other scripts and emoji', text: 'żółw 日本 שלום 👩‍🚀', written: 'żółw 日本 שלום 👩‍🚀' },
])('$what reaches a terminal as characters, and a parser as it was', ({ text, written }) => {
  const line = jsonLine({ kind: 'said', text });
  expect(line).toBe(`{"kind":"said","text":"${written}"}`);
  expect(JSON.parse(line)).toEqual({ kind: 'said', text });
});
