import { expect, test } from 'vitest';
import { ChatError, type ChatEvent, type ConnectionState } from '../../../cli/connection/index.ts';
import { PAINT } from '../../../cli/plain/paint.ts';
import { render, renderState } from '../../../cli/plain/render.ts';

const untrusted = new ChatError({ reason: 'untrusted', message: 'its certificate has expired' });
const because = new ChatError({ reason: 'lost', message: 'cut\u0007' });
const taken = new ChatError({ reason: 'user_taken', message: 'ana is in lobby' });
/** A time of day as it is where the test runs. */
const until = new Date(2026, 0, 1, 20, 15, 12);

const said = { room: 'lobby', seq: 1n, userId: 'ana', displayName: 'ana', messageId: '', at: until };

test.each<{ event: ChatEvent; line: string }>([
  {
    event: { kind: 'gap', room: 'lobby', epoch: 'one', fromSeq: 40n, toSeq: 51n },
    line: '* 12 events could not be recovered (40–51)',
  },
  {
    event: { kind: 'gap', room: 'lobby', epoch: 'one', fromSeq: 40n, toSeq: 40n },
    line: '* 1 event could not be recovered (40–40)',
  },
  {
    event: { kind: 'recovered', room: 'lobby', events: 40, messages: 37, awayMs: 11_001 },
    line: '* back after 12 s, 37 messages caught up',
  },
  {
    event: { kind: 'recovered', room: 'lobby', events: 1, messages: 1, awayMs: 0 },
    line: '* back after 1 s, 1 message caught up',
  },
  { event: { kind: 'recovered', room: 'lobby', events: 3, messages: 0, awayMs: 1000 }, line: '* back after 1 s' },
  { event: { kind: 'restarted', room: 'gen\u0007eral', epoch: 'two' }, line: '* gen␇eral began anew' },
  {
    event: { kind: 'join_delayed', room: 'lobby', until, because: taken },
    line: '* your name is held by a session that is gone; joining lobby at 20:15:12',
  },
  { event: { kind: 'join_delayed', room: 'lobby', until, because }, line: '* cut␇; joining lobby at 20:15:12' },
  { event: { kind: 'rejoin_refused', room: 'lobby', because }, line: '* could not come back to lobby: cut␇' },
  {
    event: { kind: 'removed', room: 'lobby', reason: 'room_closed' },
    line: '* your seat in lobby is gone (room closed)',
  },
  { event: { kind: 'removed', room: 'lobby', reason: 'kicked' }, line: '* you were put out of lobby' },
  { event: { kind: 'removed', room: 'lobby', reason: 'forbidden' }, line: '* you may not be in lobby any more' },
  { event: { kind: 'draining', reconnectAfterMs: 3000 }, line: '* the server is going away' },
  {
    event: { kind: 'token_expires', because: undefined },
    line: '* your token expires within a minute and there is no other yet; without one the connection ends',
  },
  {
    event: { kind: 'token_expires', because },
    line: '* your token expires within a minute and there is no other yet (cut␇); without one the connection ends',
  },
])('$line', ({ event, line }) => {
  expect(render(event)).toBe(line);
});

test.each<{ event: ChatEvent; line: string }>([
  {
    event: { kind: 'message', ...said, content: 'a\u001b[31mb' },
    line: 'ESC[2m20:15:12ESC[0m ESC[1manaESC[0m: a␛[31mb',
  },
  { event: { kind: 'member_joined', ...said }, line: 'ESC[2m20:15:12 * ana joinedESC[0m' },
  { event: { kind: 'draining', reconnectAfterMs: 0 }, line: 'ESC[2m* the server is going awayESC[0m' },
])('on a terminal with colours: $line', ({ event, line }) => {
  expect(render(event, PAINT).replaceAll('\u001b', 'ESC')).toBe(line);
});

test.each<{ state: ConnectionState; line: string | undefined }>([
  { state: { kind: 'waiting', until, attempt: 1, because }, line: '* connection lost; back in 3 s' },
  { state: { kind: 'waiting', until, attempt: 2, because }, line: '* not back yet; again in 3 s' },
  {
    state: { kind: 'waiting', until, attempt: 2, because: untrusted },
    line: '* not back yet: its certificate has expired; again in 3 s',
  },
  { state: { kind: 'connecting' }, line: undefined },
  { state: { kind: 'live' }, line: undefined },
  { state: { kind: 'closed', why: because }, line: undefined },
])('$state.kind: $line', ({ state, line }) => {
  expect(renderState(state, until.getTime() - 2500)).toBe(line);
});
