import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SessionTicket, ticketFolder } from '../../../../cli/chat/session-ticket.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'tickets-')), 'chat-client');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const SERVER = '127.0.0.1:50051';
/** No process has it: larger than Linux gives out. */
const DEAD = 2 ** 30;

/** What a program that was killed has left behind. */
function leftBehind(name: string, token: string, pid = DEAD): void {
  new SessionTicket(folder, SERVER).keep(name, token);
  const [file = ''] = readdirSync(folder);
  writeFileSync(join(folder, file), JSON.stringify({ token, pid }));
}

test('what a program that was killed has left is taken, for the same name and server alone', () => {
  leftBehind('ana', 'secret');
  expect(new SessionTicket(folder, SERVER).take('ana')).toBe('secret');
  expect(new SessionTicket(folder, SERVER).take('bob')).toBeUndefined();
  expect(new SessionTicket(folder, 'elsewhere:1').take('ana')).toBeUndefined();
});

test('that of a program that still runs is neither taken nor written over', () => {
  leftBehind('ana', 'secret', process.ppid);
  const second = new SessionTicket(folder, SERVER);
  expect(second.take('ana')).toBeUndefined();
  second.keep('ana', 'other');
  second.forget();
  leftBehind('ana', 'secret', DEAD);
  expect(second.take('ana')).toBe('secret');
});

test('a program that ends by itself leaves nothing, and one that goes on under another name neither', () => {
  const ticket = new SessionTicket(folder, SERVER);
  ticket.keep('ana', 'secret');
  expect(readdirSync(folder)).toHaveLength(1);
  ticket.take('ana2');
  ticket.keep('ana2', 'secret');
  expect(readdirSync(folder)).toHaveLength(1);
  ticket.forget();
  expect(readdirSync(folder)).toEqual([]);
});

test('nobody else can read it', () => {
  new SessionTicket(folder, SERVER).keep('ana', 'secret');
  const [file = ''] = readdirSync(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
});

test.each([
  { what: 'no JSON', content: 'nonsense' },
  { what: 'no token', content: '{"pid":1}' },
  { what: 'no process', content: '{"token":"secret"}' },
])('a file with $what is none', ({ content }) => {
  leftBehind('ana', 'secret');
  const [file = ''] = readdirSync(folder);
  writeFileSync(join(folder, file), content);
  expect(new SessionTicket(folder, SERVER).take('ana')).toBeUndefined();
});

test('where nothing can be written, nothing is kept and nothing fails', () => {
  writeFileSync(folder, 'a file in the place of the folder');
  chmodSync(folder, 0o400);
  const ticket = new SessionTicket(folder, SERVER);
  ticket.keep('ana', 'secret');
  ticket.forget();
  expect(ticket.take('ana')).toBeUndefined();
});

test('the folder is where programs keep their state', () => {
  expect(ticketFolder({ XDG_STATE_HOME: '/state' })).toBe('/state/chat-client');
  expect(ticketFolder({})).toMatch(/\/\.local\/state\/chat-client$/);
});
