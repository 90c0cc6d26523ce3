import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SWEEP_EVERY_MS } from '../../../../src/core/limits.ts';
import { type CoreClient, coreWorld, hello, leave, post } from '../../../support/core-world.ts';
import { LIMITS, type LoggedEvent, Reference, type ReferenceSession } from './reference.ts';
import { Walk } from './walk.ts';

/**
 * The core against a plain reference of the contract, over random joins, posts,
 * resends, leaves, losses, resumes with right, old, foreign and future positions
 * and tokens, slow readers, trims, folds, steps of the clock and the drain. A failure prints
 * the seed and the shortest script that shows it.
 */

const ROOMS = ['red', 'blue', 'green', 'grey'];
const USERS = 4;

type TokenChoice = 'none' | 'own' | 'foreign' | 'wrong';
type PositionChoice = 'none' | 'own' | 'old' | 'zero' | 'future' | 'other epoch';

type Step =
  | { readonly do: 'connect'; readonly user: number; readonly token: TokenChoice }
  | { readonly do: 'join'; readonly user: number; readonly room: string; readonly position: PositionChoice }
  | { readonly do: 'post'; readonly user: number; readonly room: string; readonly bytes: number; readonly id: string }
  | { readonly do: 'leave'; readonly user: number; readonly room: string }
  | { readonly do: 'lose' | 'half-close' | 'cut' | 'finish'; readonly user: number }
  | { readonly do: 'turn' }
  | { readonly do: 'drain' }
  | { readonly do: 'pass'; readonly ms: number };

const user = fc.nat(USERS - 1);
// Mostly the same room, so that something comes of it.
const room = fc.oneof({ weight: 3, arbitrary: fc.constant('red') }, fc.constantFrom(...ROOMS));
const position = fc.constantFrom<PositionChoice>('none', 'own', 'own', 'old', 'zero', 'zero', 'future', 'other epoch');
const token = fc.constantFrom<TokenChoice>('none', 'own', 'own', 'own', 'foreign', 'wrong');
const id = fc.constantFrom('', '', 'a', 'b', 'c');
const bytes = fc.constantFrom(1, 1500, 3000);
const ms = fc.constantFrom(1, 250, 1000, 5000, 14_750, 15_000, 60_000, 120_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const), user, token }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('join' as const), user, room, position }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('post' as const), user, room, bytes, id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), user, room }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('lose' as const, 'half-close' as const, 'cut' as const), user }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('finish' as const), user }) },
  { weight: 4, arbitrary: fc.constant({ do: 'turn' } as const) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms }) },
);

/** Of some, the end is told while the server goes away. */
const script: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.array(step, { maxLength: 80, size: 'max' }),
    fc.option(fc.array(step, { maxLength: 20, size: 'max' }), { freq: 2 }),
  )
  .map(([steps, meanwhile]) => (meanwhile === null ? steps : [...steps, { do: 'drain' }, ...meanwhile]));

interface Person {
  readonly userId: string;
  client: CoreClient;
  walk: Walk;
  /** How much of what the client was told is walked through. */
  walked: number;
  session: ReferenceSession | undefined;
  isConnected: boolean;
  token: string;
  /** Where it stands in each room, also between its streams. */
  positions: Map<string, { epoch: string; seq: number }>;
}

class Script {
  readonly #world = coreWorld(LIMITS);
  readonly #reference = new Reference();
  readonly #annals = new Map<string, readonly LoggedEvent[]>();
  readonly #people: Person[] = [];
  #isDraining = false;

  constructor() {
    for (let i = 0; i < USERS; i++) {
      // Two of them are one user, so that seats are contended.
      const person = {
        userId: `u${i % (USERS - 1)}`,
        client: this.#world.client(),
        walk: this.#newWalk(),
        walked: 0,
      };
      this.#people.push({ ...person, session: undefined, isConnected: false, token: '', positions: new Map() });
    }
  }

  run(steps: readonly Step[]): void {
    for (const one of steps) {
      this.#do(one);
      this.#compare();
    }
    if (!this.#isDraining) for (const person of this.#people) this.#connect(person, 'own');
    this.#world.settle(this.#people.map(({ client }) => client));
    this.#compare();
    for (const { walk, session, userId, isConnected } of this.#people) {
      if (!isConnected) continue;
      expect([...walk.expected.values()].flat()).toEqual([]);
      for (const { name, head, seats } of session?.rooms ?? []) {
        if (seats.get(userId)?.isLive) expect(walk.at.get(name)?.seq).toBe(head);
      }
    }
  }

  #do(one: Step): void {
    if (one.do === 'turn') this.#world.endTurn();
    else if (one.do === 'pass') this.#pass(one.ms);
    else if (one.do === 'drain') this.#drain();
    else this.#doAs(this.#people[one.user] as Person, one);
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#world.sessions.drain({ reason: 'draining', message: 'the server is shutting down' });
    this.#reference.drain();
  }

  #doAs(person: Person, one: Exclude<Step, { do: 'turn' | 'pass' | 'drain' }>): void {
    // Nobody comes in any more.
    if (one.do === 'connect' && !this.#isDraining) this.#connect(person, one.token);
    if (one.do === 'finish') person.client.finishWrite();
    if (!person.isConnected || person.session === undefined) return;
    const { client, session, walk } = person;
    switch (one.do) {
      case 'join': {
        const given = this.#positionOf(person, one.room, one.position);
        const wire = given && { epoch: given.epoch, seq: BigInt(given.seq) };
        const position = { kind: 'join', userId: '', displayName: '', room: one.room, position: wire, requestId: 'j' };
        client.say(position as Parameters<CoreClient['say']>[0]);
        const real = () => this.#world.rooms.get(one.room);
        const answer = this.#reference.join(session, one.room, given, {
          oldest: () => real()?.log.oldest ?? 1,
          epoch: () => real()?.epoch ?? '',
        });
        walk.expect(one.room, answer);
        break;
      }
      case 'post': {
        const content = `${this.#reference.nowMs} ${'x'.repeat(one.bytes)}`;
        client.say({ ...post(one.room, content, one.id), requestId: 'p' });
        walk.expect(one.room, this.#reference.post(session, one.room, content, one.id));
        break;
      }
      case 'leave':
        client.say({ ...leave(one.room), requestId: 'l' });
        walk.expect(one.room, this.#reference.leave(session, one.room));
        break;
      case 'cut':
        client.session.cut({ reason: 'slow_consumer', message: 'read faster' });
        client.lose();
        this.#disconnect(person, 'slow_consumer');
        break;
      case 'lose':
        client.lose();
        this.#disconnect(person, 'lost');
        break;
      case 'half-close':
        client.session.halfClose();
        this.#reference.lose(session, 'lost');
        this.#world.settle([client]);
        client.lose();
        this.#disconnect(person, 'lost');
    }
  }

  #connect(person: Person, choice: TokenChoice): void {
    const others = this.#people.filter((other) => other !== person);
    const tokens = {
      none: '',
      own: person.token,
      foreign: others[0]?.token ?? '',
      wrong: person.token.replace(/.$/, '~'),
    };
    const client = this.#world.client();
    const before = person.session;
    client.say({ ...hello(person.userId), resumeToken: tokens[choice], requestId: 'h' } as Parameters<
      CoreClient['say']
    >[0]);
    const real = client.session;
    const { session, resumed } = this.#reference.welcome(person.userId, tokens[choice], () => real.resumeToken);
    if (person.isConnected && before !== session) {
      // The old stream is simply dropped by its client; its session waits for nobody.
      this.#walk(person);
      person.client.lose();
      if (before !== undefined) this.#reference.lose(before, 'lost');
    }
    if (person.isConnected && before === session) expect(person.client.ends.at(-1)?.reason).toBe('replaced');
    for (const other of others.filter((one) => one.isConnected && one.session === session)) {
      expect(other.client.ends.at(-1)?.reason).toBe('replaced');
      this.#walk(other);
      this.#remember(other);
      other.isConnected = false;
    }
    this.#walk(person);
    this.#remember(person);
    const walk = this.#newWalk();
    walk.expect('', { $case: 'welcome', resumed });
    Object.assign(person, { client, walk, walked: 0, session, isConnected: true, token: real.resumeToken });
  }

  #disconnect(person: Person, reason: string): void {
    this.#walk(person);
    this.#remember(person);
    if (person.session !== undefined) this.#reference.lose(person.session, reason);
    person.isConnected = false;
  }

  #remember(person: Person): void {
    for (const [name, at] of person.walk.at) person.positions.set(name, { ...at });
  }

  #positionOf(person: Person, name: string, choice: PositionChoice): { epoch: string; seq: number } | undefined {
    this.#walk(person);
    const own = person.walk.at.get(name) ?? person.positions.get(name);
    const real = this.#world.rooms.get(name);
    const epoch = own?.epoch ?? real?.epoch ?? 'none';
    switch (choice) {
      case 'none':
        return undefined;
      case 'own':
        return own;
      case 'old':
        return { epoch, seq: Math.max(0, (own?.seq ?? 0) - 3) };
      case 'zero':
        return { epoch, seq: 0 };
      case 'future':
        return { epoch, seq: (real?.log.head ?? 0) + 2 };
      case 'other epoch':
        return { epoch: 'another', seq: 1 };
    }
  }

  #newWalk(): Walk {
    return new Walk(this.#annals, (name, epoch) => {
      const room = this.#world.rooms.get(name);
      return room?.epoch === epoch ? room.log.oldest : Number.POSITIVE_INFINITY;
    });
  }

  #pass(ms: number): void {
    for (let left = ms; left > 0; left -= SWEEP_EVERY_MS) {
      const stepMs = Math.min(left, SWEEP_EVERY_MS);
      this.#world.pass(stepMs);
      this.#reference.nowMs += stepMs;
      for (const { session, room, seq } of this.#reference.sweep()) {
        const owner = this.#people.find((person) => person.isConnected && person.session === session);
        owner?.walk.expect(room, { $case: 'left', seq, end: undefined });
      }
    }
  }

  #walk(person: Person): void {
    for (; person.walked < person.client.told.length; person.walked += 1) {
      person.walk.take(person.client.told[person.walked] as CoreClient['told'][number]);
    }
  }

  /** Everything that can be seen from outside is as the reference has it. */
  #compare(): void {
    const { rooms, sessions, deliveries } = this.#world;
    for (const { name, epoch, events } of this.#reference.rooms.values()) this.#annals.set(`${name} ${epoch}`, events);
    for (const person of this.#people) this.#walk(person);
    const seen = [...rooms.all()].map(({ name, epoch, log, members, toldMembers }) => {
      const seats = [...members.values()].map(({ userId, isDetached }) => [userId, !isDetached]);
      return { name, epoch, head: log.head, seats, toldMembers };
    });
    const wanted = [...this.#reference.rooms.values()].map(({ name, epoch, head, seats, toldMembers }) => {
      return { name, epoch, head, seats: [...seats].map(([userId, { isLive }]) => [userId, isLive]), toldMembers };
    });
    expect(seen).toEqual(wanted);
    expect(sessions.size).toBe(this.#reference.sessions.filter(({ phase }) => phase !== 'closed').length);
    const behind = [...sessions.all()].reduce((sum, { outbox }) => sum + outbox.behind, 0);
    const { owed, written, skipped, abandoned } = deliveries;
    expect(written + skipped + abandoned + behind).toBe(owed);
  }
}

const numRuns = Number(process.env['MODEL_RUNS'] ?? 3000);

test(`39 the core does what the contract says, over ${numRuns} random scripts`, { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(script, (steps) => new Script().run(steps)),
    { numRuns },
  );
});
