import type { Command, Position } from '../../src/core/commands.ts';
import { SWEEP_EVERY_MS } from '../../src/core/limits.ts';
import { Outbox } from '../../src/core/outbox.ts';
import type { Sink } from '../../src/core/ports.ts';
import { coreWorld, hello, join } from './core-world.ts';

const TURN_MS = 1;
/** Joins and leaves a second are folded from so few on that a small crowd is one. */
const FOLD_ABOVE = 10;

/** In all worlds. */
let looks = 0;
const { flush } = Outbox.prototype;
Outbox.prototype.flush = function counted(left) {
  looks += 1;
  return flush.call(this, left);
};

/** What a crowd made the core do, in operations. */
export interface Work {
  /** Events appended, each encoded once. */
  readonly seqs: number;
  readonly writes: number;
  readonly bytes: number;
  /** At what a session is owed. */
  readonly looks: number;
  /** Of the clock: at least one for each active session in a sweep. */
  readonly readings: number;
}

/** A stream to the core that counts what is written to it and reads nothing. */
export interface CrowdClient {
  readonly resumeToken: string;
  say(command: Command): void;
  lose(): void;
}

export type CrowdedWorld = ReturnType<typeof crowdedWorld>;

/** The core with thousands of clients, whose writes end with the turn they began in, and with what all that costs. */
export function crowdedWorld() {
  let [writes, bytes] = [0, 0];
  const looksBefore = looks;
  let unfinished: (() => void)[] = [];
  const world = coreWorld({ foldAbove: FOLD_ABOVE });
  let nowMs = 0;

  function turn(): void {
    world.turnClock(TURN_MS);
    nowMs += TURN_MS;
    if (nowMs % SWEEP_EVERY_MS === 0) {
      world.sessions.sweep();
      world.rooms.sweep();
    }
    world.endTurn();
    const finished = unfinished;
    unfinished = [];
    for (const done of finished) done();
  }

  return {
    rooms: world.rooms,
    sessions: world.sessions,
    get work(): Work {
      return { seqs: world.appended.length, writes, bytes, looks: looks - looksBefore, readings: world.clockReadings };
    },
    open(): CrowdClient {
      const sink: Sink = {
        write(parts, _, done) {
          writes += 1;
          for (const part of parts) bytes += part.length;
          unfinished.push(done);
        },
        end: () => {},
        failed: (fault) => {
          throw fault;
        },
      };
      const opened = world.sessions.open(sink);
      if ('reason' in opened) throw new Error(opened.message);
      let session = opened;
      return {
        get resumeToken() {
          return session.resumeToken;
        },
        say(command) {
          const end = session.receive(command);
          if (end?.kind === 'moved') session = end.to;
        },
        lose: () => world.sessions.close(session, sink),
      };
    },
    /** Does so many things evenly over the time, as a server in which it passes. */
    spread(ms: number, count: number, act: (i: number) => void): void {
      let done = 0;
      for (let passedMs = 0; passedMs < ms; passedMs += TURN_MS) {
        for (const due = Math.ceil(((passedMs + TURN_MS) / ms) * count); done < due; done++) act(done);
        turn();
      }
    },
    /** Takes turns until nothing is owed. */
    settle(): void {
      while (world.tasks > 0 || unfinished.length > 0) turn();
    },
  };
}

interface Entrance {
  readonly userId: string;
  readonly room: string;
  readonly resumeToken?: string;
  readonly position?: Position | undefined;
}

/** Says who it is and takes a seat, one that it had at `position` where it says so. */
export function enter(client: CrowdClient, { userId, room, resumeToken = '', position }: Entrance): void {
  client.say({ ...hello(userId), resumeToken } as Command);
  client.say({ ...join(room), position } as Command);
}

/** What was done between two looks at it. */
export function workBetween(before: Work, after: Work): Work {
  const { seqs, writes, bytes, looks, readings } = after;
  return {
    seqs: seqs - before.seqs,
    writes: writes - before.writes,
    bytes: bytes - before.bytes,
    looks: looks - before.looks,
    readings: readings - before.readings,
  };
}
