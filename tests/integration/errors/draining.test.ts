import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { ServerNotice_Type } from '../../../api/gen/chat/v1/chat.ts';
import { chat, heartbeat, hello, join, leave } from '../../support/envelopes.ts';
import { GRACE_MS, goingAway, OWED } from '../../support/going-away.ts';
import { basicClient, fullClient, RawClient } from '../../support/raw-client.ts';

describe('while the server goes away', () => {
  test('join and chat are refused in-band, with the time to wait', async () => {
    await using world = await goingAway(fullClient);
    world.ana.send(join('lobby', { requestId: 'join' }), chat('general', 'too late', { requestId: 'chat' }));
    world.ana.resume();
    const draining = { code: status.UNAVAILABLE, reason: 'draining', retryAfterMs: GRACE_MS };
    expect(await world.ana.hear('error')).toMatchObject({ requestId: 'join', room: 'lobby', ...draining });
    expect(await world.ana.hear('error')).toMatchObject({ requestId: 'chat', room: 'general', ...draining });
  });

  test('a basic client is refused in words', async () => {
    await using world = await goingAway(basicClient);
    world.ana.send(chat('general', 'too late'));
    world.ana.resume();
    const refusal = { type: ServerNotice_Type.ERROR, room: 'general' };
    expect(await world.ana.hear('notice', ({ seq }) => seq === 0n)).toMatchObject(refusal);
  });

  test('leave is answered, takes no seq and nobody is told', async () => {
    await using world = await goingAway(fullClient);
    world.ana.send(leave('general', { requestId: 'r-1' }));
    world.ana.resume();
    expect(await world.ana.hear('left')).toMatchObject({ requestId: 'r-1', room: 'general', seq: 0n });
    expect(world.server.rooms.get('general')?.log.head).toBe(3);
  });

  test('heartbeats are answered', async () => {
    await using world = await goingAway(fullClient);
    world.ana.send(heartbeat('still there'));
    world.ana.resume();
    expect(await world.ana.hear('heartbeat')).toMatchObject({ reply: true });
  });

  test('what was owed is delivered before the stream ends UNAVAILABLE', async () => {
    await using world = await goingAway(fullClient);
    world.ana.resume();
    const end = await world.ana.ended;
    expect(world.ana.all('broadcast')).toMatchObject([{ content: OWED }]);
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({
      code: status.UNAVAILABLE,
      reason: 'draining',
    });
  });

  test('a full client hears when to come back, in-band and with the status', async () => {
    await using world = await goingAway(fullClient);
    world.ana.resume();
    const { reconnectAfterMs } = await world.ana.hear('draining');
    const { trailers } = await world.ana.ended;
    expect(trailers['chat-retry-after-ms']).toBe(`${reconnectAfterMs}`);
  });

  test('a basic client is sent nothing that it does not know', async () => {
    await using world = await goingAway(basicClient);
    world.ana.resume();
    await world.ana.ended;
    expect(world.ana.told.map((event) => event.$case)).toEqual(['joined', 'broadcast']);
  });

  test('no leave is appended for the streams that end', async () => {
    await using world = await goingAway(fullClient);
    world.ana.resume();
    await world.over;
    expect(world.server.rooms.get('general')?.log.head).toBe(3);
  });

  test('a new stream ends UNAVAILABLE', async () => {
    await using world = await goingAway(fullClient);
    const late = new RawClient(world.server.port);
    late.send(hello('late'));
    const end = await late.ended;
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({
      code: status.UNAVAILABLE,
      reason: 'draining',
    });
    expect(Number(end.trailers['chat-retry-after-ms'])).toBeGreaterThan(0);
  });
});
