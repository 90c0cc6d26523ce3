import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { connect } from '../../../../cli/connection/index.ts';
import { stateOf } from '../../../support/connection-states.ts';
import { broadcast } from '../../../support/scripted-server.ts';
import { next, scriptedWorld } from './scripted-world.ts';

const world = scriptedWorld();
const { reopened, welcomed } = world;

describe('heartbeats', () => {
  test('the server’s are answered; its answers are not', async () => {
    const { stream } = await welcomed();
    stream.tell({ $case: 'heartbeat', value: { nonce: Buffer.from('answer'), reply: true } });
    stream.tell({ $case: 'heartbeat', value: { nonce: Buffer.from('question'), reply: false } });
    expect(await stream.hears('heartbeat')).toMatchObject({ nonce: Buffer.from('question'), reply: true });
    expect(stream.unheard).toEqual([]);
  });

  test('a server that is silent for the interval and 10 s is left', async () => {
    const { chat, stream } = await welcomed();
    stream.fail(status.UNAVAILABLE);
    const again = await reopened(chat);
    await again.welcome({ heartbeatIntervalMs: 25_000 });
    await stateOf(chat, 'live');
    world.timing.advance(34_999);
    expect(chat.state.kind).toBe('live');
    world.timing.advance(1);
    expect(chat.state).toMatchObject({ kind: 'waiting', because: { reason: 'lost' } });
    await again.gone;
  });

  test('a server without heartbeats may be silent', async () => {
    const { chat } = await welcomed();
    world.timing.advance(86_400_000);
    expect(chat.state.kind).toBe('live');
  });

  test('while the application does not read, silence is no sign; once it does, it is', async () => {
    const connecting = connect({ port: world.server.port, userId: 'ana', timing: world.timing });
    const stream = await world.server.stream();
    await stream.welcome({ heartbeatIntervalMs: 25_000 });
    const chat = await connecting;
    const joining = chat.join('lobby');
    const [first = broadcast({ seq: 0n }), ...others] = Array.from({ length: 1024 }, (_, i) =>
      broadcast({ seq: BigInt(i + 1) }),
    );
    await stream.seat({ epoch: 'one', seq: 0n }, first, ...others);
    await joining;
    world.timing.advance(86_400_000);
    expect(chat.state.kind).toBe('live');
    for (let i = 0; i < 600; i++) await next(chat);
    world.timing.advance(34_999);
    expect(chat.state.kind).toBe('live');
    world.timing.advance(1);
    expect(chat.state.kind).toBe('waiting');
  });
});
