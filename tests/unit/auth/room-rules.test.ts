import { describe, expect, test } from 'vitest';
import { RoomRules } from '../../../src/auth/room-rules.ts';

function rulesOf(claim: unknown): RoomRules {
  const rules = RoomRules.read(claim);
  if (typeof rules === 'string') throw new Error(rules);
  return rules;
}

describe('the rooms of a token', () => {
  interface Case {
    readonly claim: unknown;
    readonly room: string;
    readonly join: boolean;
    readonly post: boolean;
  }

  test.each<Case>([
    { claim: undefined, room: 'lobby', join: false, post: false },
    { claim: {}, room: 'lobby', join: false, post: false },
    { claim: { lobby: [] }, room: 'lobby', join: false, post: false },
    { claim: { lobby: ['join'] }, room: 'lobby', join: true, post: false },
    { claim: { lobby: ['join', 'post'] }, room: 'lobby', join: true, post: true },
    { claim: { lobby: ['post'] }, room: 'lobby', join: false, post: false },
    { claim: { lobby: ['join'] }, room: 'Lobby', join: false, post: false },
    { claim: { lobby: ['join'] }, room: 'lobby2', join: false, post: false },
    { claim: { '*': ['join', 'post'] }, room: 'anything at all', join: true, post: true },
    { claim: { 'team-*': ['join'] }, room: 'team-', join: true, post: false },
    { claim: { 'team-*': ['join'] }, room: 'team', join: false, post: false },
    { claim: { 'te.m-*': ['join'] }, room: 'team-a', join: false, post: false },
    { claim: { 'a*a': ['join'] }, room: 'a', join: false, post: false },
    // Several patterns: what any of them allows.
    { claim: { '*': ['join'], 'team-*': ['post'] }, room: 'team-a', join: true, post: true },
    { claim: { 'team-*': ['post'], 'team-a': ['join'] }, room: 'team-a', join: true, post: true },
    { claim: { '*': ['join', 'post'], news: ['join'] }, room: 'news', join: true, post: true },
    // One name in two forms of Unicode is one name.
    { claim: { 'cafe\u0301': ['join'] }, room: 'caf\u00e9', join: true, post: false },
    { claim: { 'cafe\u0301-*': ['join'] }, room: 'caf\u00e9-1', join: true, post: false },
    { claim: { 'caf\u00e9': ['join'], 'cafe\u0301': ['post'] }, room: 'caf\u00e9', join: true, post: true },
    { claim: JSON.parse('{"__proto__": ["join"]}'), room: '__proto__', join: true, post: false },
    { claim: {}, room: 'constructor', join: false, post: false },
  ])('$claim allows in "$room": to join $join, to post $post', ({ claim, room, join, post }) => {
    const rules = rulesOf(claim);
    expect({ join: rules.mayJoin(room), post: rules.mayPost(room) }).toEqual({ join, post });
  });

  const patterns = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`room-${n}`, []]));

  test('up to a hundred patterns of 256 bytes are taken', () => {
    expect(RoomRules.read(patterns(100))).toBeInstanceOf(RoomRules);
    expect(RoomRules.read({ ['é'.repeat(128)]: ['join'] })).toBeInstanceOf(RoomRules);
  });

  test.each([
    { claim: null, problem: 'must be an object' },
    { claim: ['lobby'], problem: 'must be an object' },
    { claim: 'lobby', problem: 'must be an object' },
    { claim: { lobby: 'join' }, problem: 'is no list' },
    { claim: { lobby: null }, problem: 'is no list' },
    { claim: { lobby: ['join', 'Post'] }, problem: 'is no list' },
    { claim: { lobby: [['join']] }, problem: 'is no list' },
    { claim: { '': ['join'] }, problem: 'not 1 to 256 bytes' },
    { claim: { [`${'é'.repeat(128)}a`]: ['join'] }, problem: 'not 1 to 256 bytes' },
    { claim: { '*\ude00': ['join'] }, problem: 'not 1 to 256 bytes' },
    { claim: patterns(101), problem: 'more than 100' },
  ])('$problem: refused', ({ claim, problem }) => {
    expect(RoomRules.read(claim)).toContain(problem);
  });
});
