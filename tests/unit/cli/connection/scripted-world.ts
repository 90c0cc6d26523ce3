import { status } from '@grpc/grpc-js';
import { beforeEach, onTestFinished } from 'vitest';
import type { Limits, Welcome } from '../../../../api/gen/chat/v1/chat.ts';
import { type ChatConnection, type ChatEvent, type ConnectOptions, connect } from '../../../../cli/connection/index.ts';
import { untilDue } from '../../../support/connection-states.ts';
import { FakeTiming } from '../../../support/fake-timing.ts';
import { type ScriptedStream, scriptedServer } from '../../../support/scripted-server.ts';

/** For each test of a file anew: a server that says what it is told to, and a client whose clock stands. */
export function scriptedWorld() {
  let server: Awaited<ReturnType<typeof scriptedServer>>;
  let timing: FakeTiming;

  beforeEach(async () => {
    const started = await scriptedServer();
    server = started;
    timing = new FakeTiming();
    onTestFinished(() => started.stop());
  });

  async function welcomed(options: Partial<ConnectOptions> = {}, welcome: Partial<Welcome> = {}) {
    const connecting = connect({ port: server.port, userId: 'ana', timing, ...options });
    const stream = await server.stream();
    const hello = await stream.welcome(welcome);
    return { chat: await connecting, stream, hello };
  }

  /** The next stream of a connection that waits. */
  async function reopened(chat: ChatConnection): Promise<ScriptedStream> {
    await untilDue(chat, timing);
    return server.stream();
  }

  return {
    get server() {
      return server;
    },
    get timing() {
      return timing;
    },
    welcomed,
    reopened,
    /** ana in the lobby, at {one, 10}. */
    async inLobby(options: Partial<ConnectOptions> = {}, welcome: Partial<Welcome> = {}) {
      const { chat, stream } = await welcomed(options, welcome);
      const joining = chat.join('lobby');
      await stream.seat({ epoch: 'one', seq: 10n });
      await joining;
      return { chat, stream };
    },
    /** Cuts the stream and gives the next one. */
    cut(chat: ChatConnection, stream: ScriptedStream): Promise<ScriptedStream> {
      stream.fail(status.UNAVAILABLE);
      return reopened(chat);
    },
    /** Settled when so many timers run. */
    async timers(count: number): Promise<void> {
      while (timing.pending !== count) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** No limits but those that are given. */
export function limited(limits: Partial<Limits>): Partial<Welcome> {
  const sizes = { maxEnvelopeBytes: 2 ** 20, maxContentBytes: 2 ** 20, maxNameBytes: 64, maxPageSize: 1 };
  const counts = { maxRooms: 9, envelopesPerSecond: 0, envelopeBurst: 0, maxUnacked: 256, resumeGraceMs: 0 };
  return { limits: { ...sizes, ...counts, ...limits } };
}

export async function next(chat: ChatConnection): Promise<ChatEvent> {
  const { done, value } = await chat.events.next();
  if (done) throw new Error('the iteration has ended');
  return value;
}

export const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it did not fail',
    (error: unknown) => error,
  );
