import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RoomEvent } from '../../../src/core/events.ts';
import { type CoreClient, coreWorld, hello, join, leave, post } from '../../support/core-world.ts';

/**
 * Order and completeness: whatever joins, posts, leaves, unfinished writes and
 * trims happen, each member sees one contiguous run of seq from its position, or
 * a gap that names the hole.
 */

const ROOMS = ['red', 'blue'];
const USERS = 4;

type Step =
  | { readonly do: 'join' | 'leave'; readonly user: number; readonly room: string }
  | { readonly do: 'post'; readonly user: number; readonly room: string; readonly bytes: number }
  | { readonly do: 'history'; readonly user: number; readonly room: string }
  | { readonly do: 'finish' | 'lose' | 'half-close'; readonly user: number }
  | { readonly do: 'turn' };

const user = fc.nat(USERS - 1);
const room = fc.constantFrom(...ROOMS);
/** The smallest log there is, so that posts push each other out; and one that fills several writes. */
const budget = fc.constantFrom(4096, 400_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('join', 'leave'), user, room }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('post'), user, room, bytes: fc.constantFrom(1, 900, 3000, 20_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('history'), user, room }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('finish'), user }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('lose', 'half-close'), user }) },
  { weight: 4, arbitrary: fc.constant({ do: 'turn' } as const) },
) as fc.Arbitrary<Step>;

interface Person {
  readonly userId: string;
  readonly isFull: boolean;
  readonly client: CoreClient;
  isGone: boolean;
}

test('each member sees one contiguous run from its position, or is told the hole', () => {
  fc.assert(
    fc.property(budget, fc.array(step, { maxLength: 150, size: 'max' }), (roomHistoryBytes, steps) => {
      const world = coreWorld({ roomHistoryBytes, maxContentBytes: 32_768, resumeGraceMs: 0, foldAbove: 1_000_000 });
      const everyone: Person[] = [];
      const seated: Person[] = [];
      const arrive = (index: number) => {
        const person = { userId: `u${index}`, isFull: index % 2 === 0, client: world.client(), isGone: false };
        if (person.isFull) person.client.say(hello(person.userId));
        everyone.push(person);
        seated[index] = person;
        return person;
      };
      const go = (person: Person) => {
        person.client.lose();
        person.isGone = true;
      };
      for (let i = 0; i < USERS; i++) arrive(i);

      for (const one of steps) {
        if (one.do === 'turn') world.endTurn();
        else {
          let person = seated[one.user] as Person;
          if (person.isGone) {
            world.pass(1);
            person = arrive(one.user);
          }
          const { client, userId } = person;
          if (one.do === 'join') client.say(join(one.room, userId));
          const isOver = one.do === 'leave' && client.say(leave(one.room)) !== undefined;
          if (one.do === 'post') client.say(post(one.room, 'x'.repeat(one.bytes)));
          if (one.do === 'history' && person.isFull) {
            client.say({ kind: 'history', room: one.room, epoch: '', beforeSeq: 0n, limit: 0 });
          }
          if (one.do === 'finish') client.finishWrite();
          if (one.do === 'lose') go(person);
          if (one.do === 'half-close' || isOver) {
            client.session.halfClose();
            world.settle([client]);
            go(person);
          }
        }
        const behind = everyone.reduce((sum, { client }) => sum + client.session.outbox.behind, 0);
        const { owed, written, skipped, abandoned } = world.deliveries;
        expect(written + skipped + abandoned + behind).toBe(owed);
      }
      const present = everyone.filter(({ isGone }) => !isGone);
      world.settle(present.map(({ client }) => client));
      expect(everyone.flatMap(({ client }) => client.faults)).toEqual([]);
      for (const person of everyone) checkRuns(person, world.appended);
      for (const { client } of present) expect(client.session.outbox.behind).toBe(0);
      for (const name of ROOMS) {
        const seqs = world.appended.filter((event) => event.room === name).map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.map((_, i) => i + 1));
      }
    }),
    { numRuns: 1000 },
  );
});

/** Walks through all that one client was told and holds it against what was appended. */
function checkRuns({ userId, isFull, client, isGone }: Person, appended: readonly RoomEvent[]): void {
  const at = new Map<string, number>();
  for (const event of client.told) {
    switch (event.$case) {
      case 'joined':
        // A basic client is not told that its seat is gone.
        if (isFull) expect(at.has(event.value.room)).toBe(false);
        at.set(event.value.room, Number(event.value.position?.seq));
        break;
      case 'broadcast': {
        const { room: name, seq, content } = event.value;
        expect(Number(seq)).toBe((at.get(name) ?? Number.NaN) + 1);
        expect(eventAt(name, Number(seq), appended)).toMatchObject({ kind: 'message', content });
        at.set(name, Number(seq));
        break;
      }
      case 'notice': {
        const { room: name, seq, message } = event.value;
        if (seq !== 0n) {
          expect(Number(seq)).toBe((at.get(name) ?? Number.NaN) + 1);
          expect(eventAt(name, Number(seq), appended)).toMatchObject({ userId: event.value.userId });
          expect(event.value.userId).not.toBe(userId);
          at.set(name, Number(seq));
        } else if (/could not be delivered/.test(message)) {
          at.set(name, (at.get(name) ?? Number.NaN) + Number(/\d+/.exec(message)?.[0]));
        }
        break;
      }
      case 'gap': {
        expect(isFull).toBe(true);
        const { room: name, fromSeq, toSeq } = event.value;
        expect(Number(fromSeq)).toBe((at.get(name) ?? Number.NaN) + 1);
        expect(toSeq).toBeGreaterThanOrEqual(fromSeq);
        at.set(name, Number(toSeq));
        break;
      }
      case 'left': {
        // Right before one's own leave, which is not delivered.
        const { room: name, seq } = event.value;
        expect(at.get(name)).toBe(Number(seq) - 1);
        at.delete(name);
        break;
      }
      case 'history':
        expect(at.has(event.value.room)).toBe(true);
        break;
      default:
    }
  }
  if (!isGone && isFull) {
    // Everything was delivered: where a seat is held, its member stands at the head.
    for (const [name, seq] of at) expect(seq).toBe(appended.filter((event) => event.room === name).length);
  }
}

function eventAt(name: string, seq: number, appended: readonly RoomEvent[]): RoomEvent | undefined {
  return appended.find((event) => event.room === name && event.seq === seq);
}
