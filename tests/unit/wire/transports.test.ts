import { channel } from 'node:diagnostics_channel';
import { Duplex, Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { Transports } from '../../../src/wire/transports.ts';

type Taken = Parameters<Transports['add']>[0];
type Session = NonNullable<Parameters<Transports['begin']>[0]>;

/** A socket without a network. */
class FakeSocket extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort = 50_051;
  bytesRead = 0;

  constructor(remoteAddress: string, remotePort: number, localAddress: string) {
    super();
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }
  override _read(): void {}
}

const worlds: Transports[] = [];
afterEach(() => {
  for (const transports of worlds.splice(0)) transports.destroy();
});

function world(settings: Readonly<Record<string, string>> = {}) {
  const { limits, transports: bounds } = readConfig(settings);
  let nowMs = 0;
  let lastPort = 0;
  const refused: string[] = [];
  const clock = { monotonicMs: () => nowMs, utcMs: () => 0 };
  const all = { ...limits, ...bounds };
  const transports = new Transports({ limits: all, clock, refused: (_, reason) => refused.push(reason) });
  worlds.push(transports);
  return {
    transports,
    refused,
    add(address = '127.0.0.1', port = ++lastPort, localAddress = '127.0.0.1') {
      const socket = new FakeSocket(address, port, localAddress);
      const session = { socket, destroyed: false };
      const isTaken = transports.add(socket as unknown as Taken);
      /** As HTTP/2 opens a stream. */
      const open = () => {
        const stream = Object.assign(new Readable({ read() {} }), { session });
        channel('http2.server.stream.created').publish({ stream });
        return stream;
      };
      const begin = (cost = 1) => {
        open();
        return transports.begin(session as unknown as Session, cost);
      };
      return { socket, isTaken, open, begin, session };
    },
    over: ({ session }: { session: object }) => transports.over(session as unknown as Session),
    pass(ms: number) {
      nowMs += ms;
      transports.cutFlooding();
      transports.sweep();
    },
  };
}

describe('Transports', () => {
  test('beyond the most there may be, another is closed; when one has gone there is room again', async () => {
    const { add, transports, refused } = world({ CHAT_GRPC_MAX_CONNECTIONS: '2' });
    const [first, , third] = [add(), add(), add()];
    expect([first.isTaken, third.isTaken, third.socket.destroyed]).toEqual([true, false, true]);
    expect(refused).toEqual(['too_many_transports']);
    first.socket.destroy();
    await new Promise((resolve) => first.socket.once('close', resolve));
    expect(transports.size).toBe(1);
    expect(add().isTaken).toBe(true);
  });

  test('from an address of which there are enough, another is closed', async () => {
    const { add, refused } = world({ CHAT_GRPC_MAX_CONNECTIONS_PER_ADDRESS: '1' });
    const stranger = add('198.51.100.7');
    expect([add('198.51.100.7'), add('198.51.100.8')].map(({ isTaken }) => isTaken)).toEqual([false, true]);
    expect(refused).toEqual(['too_many_of_address']);
    stranger.socket.destroy();
    await new Promise((resolve) => stranger.socket.once('close', resolve));
    expect(add('198.51.100.7').isTaken).toBe(false);
    expect(refused.at(-1)).toBe('too_fast_from_address');
  });

  test.each([
    { what: 'whose peer was reset and comes again by the same port', localAddress: '127.0.0.1' },
    { what: 'whose peer has the same port to another address of the server', localAddress: '127.0.0.2' },
  ])('$what is a transport of its own', async ({ localAddress }) => {
    const w = world({ CHAT_GRPC_MAX_STREAMS_PER_CONNECTION: '1' });
    const first = w.add('127.0.0.1', 40_000);
    first.begin();
    const second = w.add('127.0.0.1', 40_000, localAddress);
    expect(second.begin()).toBeUndefined();
    expect(w.transports.size).toBe(2);
    first.socket.destroy();
    await new Promise((resolve) => first.socket.once('close', resolve));
    expect(w.transports.size).toBe(1);
    expect(second.begin()).toMatchObject({ reason: 'server_full' });
    w.transports.destroy();
    expect(second.socket.destroyed).toBe(true);
  });

  test('has so many streams at a time', () => {
    const w = world({ CHAT_GRPC_MAX_STREAMS_PER_CONNECTION: '2' });
    const one = w.add();
    expect([one.begin(), one.begin()]).toEqual([undefined, undefined]);
    expect(one.begin()).toMatchObject({ reason: 'server_full' });
    w.over(one);
    expect(one.begin()).toBeUndefined();
  });

  test('opens so many a second, twice as many at once', () => {
    const w = world({ CHAT_GRPC_MAX_STREAMS_PER_CONNECTION: '10' });
    const one = w.add();
    const call = () => {
      const refusal = one.begin();
      if (refusal === undefined) w.over(one);
      return refusal;
    };
    for (let i = 0; i < 20; i++) expect(call()).toBeUndefined();
    expect(call()).toMatchObject({ reason: 'rate_limited', retryAfterMs: 100 });
    w.pass(100);
    expect(call()).toBeUndefined();
  });

  test('that goes on opening streams far beyond that is cut, those too that are no call', async () => {
    const w = world({ CHAT_GRPC_MAX_STREAMS_PER_CONNECTION: '10' });
    const one = w.add();
    for (let i = 0; i < 40; i++) one.open();
    await new Promise(setImmediate);
    expect(one.socket.destroyed).toBe(false);
    one.open();
    one.open();
    expect(one.socket.destroyed).toBe(false);
    await new Promise(setImmediate);
    expect(one.socket.destroyed).toBe(true);
    expect(w.refused).toEqual(['flooded']);
  });

  test('that opens no stream in time is silent; one that did may be idle', () => {
    const w = world({ CHAT_GRPC_HANDSHAKE_TIMEOUT: '10s' });
    const [silent, talker] = [w.add(), w.add()];
    talker.begin();
    w.pass(9999);
    expect(silent.socket.destroyed).toBe(false);
    w.pass(1);
    expect([silent.socket.destroyed, talker.socket.destroyed]).toEqual([true, false]);
    expect(w.refused).toEqual(['silent']);
  });

  test('that sends more than its streams may say at their rate is cut; what they may say is not', () => {
    const w = world({ CHAT_GRPC_RATE_LIMIT: '20', CHAT_GRPC_MAX_RECV_MSG_SIZE: '16KiB' });
    const [honest, flood] = [w.add(), w.add()];
    for (const { begin } of [honest, flood]) begin();
    for (let second = 0; second < 60; second++) {
      honest.socket.bytesRead += 20 * 16 * 1024;
      flood.socket.bytesRead += 1024 * 1024;
      w.pass(1000);
    }
    expect([honest.socket.destroyed, flood.socket.destroyed]).toEqual([false, true]);
    expect(w.refused[0]).toBe('flooded');
  });

  test('whose streams are short may say with each what that may say at once', () => {
    const w = world({ CHAT_GRPC_RATE_LIMIT: '20', CHAT_GRPC_MAX_RECV_MSG_SIZE: '16KiB' });
    const one = w.add();
    one.begin();
    for (let second = 0; second < 20; second++) {
      for (let calls = 0; calls < 30; calls++) {
        one.begin();
        one.socket.bytesRead += 38 * 4000;
        w.over(one);
      }
      w.pass(1000);
    }
    expect(one.socket.destroyed).toBe(false);
  });

  test('cannot save up more than a burst while it says nothing', () => {
    const w = world({ CHAT_GRPC_RATE_LIMIT: '20', CHAT_GRPC_MAX_RECV_MSG_SIZE: '16KiB' });
    const one = w.add();
    one.begin();
    w.pass(3_600_000);
    one.socket.bytesRead += 6 * 1024 * 1024;
    w.pass(1);
    expect(one.socket.destroyed).toBe(true);
  });

  test('is not measured where nobody has a rate', () => {
    const w = world({ CHAT_GRPC_RATE_LIMIT: '0' });
    const one = w.add();
    one.begin();
    one.socket.bytesRead = 2 ** 40;
    w.pass(1000);
    expect(one.socket.destroyed).toBe(false);
  });

  test('whoever sends its envelopes in morsels is cut at once, and not whoever sends as many pieces of some size', async () => {
    const { add, refused } = world();
    const [one, other] = [add(), add()];
    const [morsels, pieces] = [one.open(), other.open()];
    for (let sent = 0; sent < 10_000; sent++) {
      morsels.push(Buffer.of(0));
      pieces.push(Buffer.alloc(256));
    }
    // Not within the turn in which they came.
    expect([one, other].map(({ socket }) => socket.destroyed)).toEqual([false, false]);
    await new Promise(setImmediate);
    expect([one, other].map(({ socket }) => socket.destroyed)).toEqual([true, false]);
    expect(refused).toEqual(['flooded']);
  });

  test('morsels at the rate of envelopes are no flood', () => {
    const { add, pass, refused } = world();
    const one = add();
    const stream = one.open();
    for (let second = 0; second < 3600; second++) {
      for (let sent = 0; sent < 40; sent++) stream.push(Buffer.of(0));
      pass(1000);
    }
    expect(refused).toEqual([]);
  });
});
