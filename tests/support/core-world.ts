import { ServerEvent } from '../../api/gen/chat/v1/chat.ts';
import { readConfig } from '../../src/config.ts';
import type { Command } from '../../src/core/commands.ts';
import { Deliveries } from '../../src/core/deliveries.ts';
import type { Refusal } from '../../src/core/errors.ts';
import type { RoomEvent } from '../../src/core/events.ts';
import { Fanout } from '../../src/core/fanout.ts';
import type { Grant } from '../../src/core/grant.ts';
import { type Limits, SWEEP_EVERY_MS } from '../../src/core/limits.ts';
import { NOBODY, type Observer, type Sink } from '../../src/core/ports.ts';
import { RoomRegistry } from '../../src/core/room-registry.ts';
import type { End, Session } from '../../src/core/session.ts';
import { SessionRegistry } from '../../src/core/session-registry.ts';
import { Traffic } from '../../src/core/traffic.ts';
import { TurnBudget } from '../../src/core/turn-budget.ts';
import { answerEncoder, encodeRoomEvent, serverEventsIn } from '../../src/wire/codec.ts';

type Told = NonNullable<ServerEvent['event']>;

/** A client of the core without a network: its writes stay unfinished until `finishWrite`. */
export interface CoreClient {
  readonly session: Session;
  /** All that it was written, in order. */
  readonly told: Told[];
  readonly isWriting: boolean;
  /** What the core ended its stream with. */
  readonly ends: Refusal[];
  /** The stream breaks. */
  lose(): void;
  /** Faults that its stream would have ended with. */
  readonly faults: unknown[];
  say(command: DistributiveOmit<Command, 'requestId'> & { requestId?: string }): End | undefined;
  finishWrite(): void;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The whole core with a clock that is turned by hand and turns of the event loop that are taken by hand. */
export function coreWorld(limits: Partial<Limits> = {}, observer: Observer = NOBODY) {
  let nowMs = 0;
  let clockReadings = 0;
  let readingMs = 0;
  let lastId = 0;
  let tasks: (() => void)[] = [];
  const monotonicMs = () => {
    clockReadings += 1;
    nowMs += readingMs;
    return nowMs;
  };
  const clock = { monotonicMs, utcMs: () => 1_700_000_000_000 + nowMs };
  const newId = () => `id-${++lastId}`;
  const deliveries = new Deliveries();
  const traffic = new Traffic();
  const turn = new TurnBudget();
  const fanout = new Fanout((task) => tasks.push(task), turn, deliveries, observer);
  const appended: RoomEvent[] = [];
  const faulted: unknown[] = [];
  const encode = (event: RoomEvent) => {
    appended.push(event);
    return encodeRoomEvent(event);
  };
  const all: Limits = { ...readConfig({}).limits, rateLimit: 0, ...limits };
  const rooms = new RoomRegistry({ clock, fanout, encode, limits: all }, newId);
  const sessions = new SessionRegistry(
    {
      rooms,
      fanout,
      turn,
      deliveries,
      traffic,
      observer,
      encode: answerEncoder('test'),
      clock,
      limits: all,
      faulted: (fault) => faulted.push(fault),
    },
    newId,
  );

  return {
    rooms,
    sessions,
    deliveries,
    traffic,
    /** Every event of every room that was encoded, which is once each. */
    appended,
    /** Tasks for the end of this turn: at most one. */
    get tasks() {
      return tasks.length;
    },
    /** How often the core has asked for the time, as it does at least once of each active session in a sweep. */
    get clockReadings() {
      return clockReadings;
    },
    /** From now on so much time passes before each reading of the clock. */
    takeForReading(ms: number): void {
      readingMs = ms;
    },
    turnClock(ms: number): void {
      nowMs += ms;
    },
    /** Time passes as it does in a server that runs: with a sweep now and then. */
    pass(ms: number): void {
      for (let left = ms; left > 0; left -= SWEEP_EVERY_MS) {
        nowMs += Math.min(left, SWEEP_EVERY_MS);
        sessions.sweep();
        rooms.sweep();
      }
    },
    endTurn(): void {
      const due = tasks;
      tasks = [];
      for (const task of due) task();
    },
    /** @param grant of the token that its stream came with. */
    client(grant?: Grant): CoreClient {
      const told: Told[] = [];
      const faults: unknown[] = [];
      let done: (() => void) | undefined;
      const ends: Refusal[] = [];
      const sink: Sink = {
        write(parts, _, finished) {
          if (done !== undefined) throw new Error('a second write while one is unfinished');
          const bytes = parts.reduce((sum, part) => sum + part.length, 0);
          if (bytes > 64 * 1024) throw new Error(`a write of ${bytes} bytes`);
          for (const event of parts.flatMap(serverEventsIn)) {
            const decoded = ServerEvent.decode(event).event;
            if (decoded !== undefined) told.push(decoded);
          }
          done = finished;
        },
        end: (refusal) => ends.push(refusal),
        failed: (fault) => faults.push(fault),
      };
      const session = sessions.open(sink, grant);
      if ('reason' in session) throw new Error(session.message);
      let current = session;
      return {
        get session() {
          return current;
        },
        told,
        ends,
        faults,
        get isWriting() {
          return done !== undefined;
        },
        say(command) {
          const end = current.receive({ requestId: '', ...command });
          if (end?.kind === 'moved') current = end.to;
          return end;
        },
        lose: () => sessions.close(current, sink),
        finishWrite() {
          const finished = done;
          done = undefined;
          finished?.();
        },
      };
    },
    /** Takes turns and finishes writes until nothing is owed to anybody. */
    settle(clients: readonly CoreClient[]): void {
      do {
        this.endTurn();
        for (const client of clients) client.finishWrite();
      } while (tasks.length > 0 || clients.some((client) => client.isWriting));
    },
  };
}

/** Hello of a full client. */
export function hello(userId: string): Command {
  return { kind: 'hello', requestId: '', client: '', userId, displayName: '', resumeToken: '' };
}

export function join(room: string, userId = ''): Command {
  return { kind: 'join', requestId: '', userId, room, displayName: '', position: undefined };
}

export function post(room: string, content: string, messageId = ''): Command {
  return { kind: 'post', requestId: '', userId: '', room, content, messageId, traceparent: '' };
}

export function leave(room: string): Command {
  return { kind: 'leave', requestId: '', userId: '', room };
}
