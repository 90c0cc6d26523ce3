import { describe, expect, test } from 'vitest';
import { ServerProcess } from '../../faults/support/server-process.ts';
import { freePort, Program } from '../../support/program.ts';
import { entered, screenOf } from '../../support/screen-program.ts';
import { broadcast, gap, scriptedServer } from '../../support/scripted-server.ts';
import { startServer } from '../../support/server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';

const ENTER = '\r';

describe('the full-screen client tells the truth', () => {
  test('about a connection that is lost: what is typed and pending stays, and arrives once', async () => {
    await using server = await startServer();
    await using proxy = await TcpProxy.to(server.port);
    const bob = await server.connect('bob');
    await bob.join('general');
    await using ana = await entered('ana', { port: proxy.port });
    expect(await bob.next()).toMatchObject({ kind: 'member_joined' });
    proxy.sever();
    await ana.shows(/^─ (reconnecting|connecting)/m);
    ana.type(`said meanwhile${ENTER}half typed`);
    await ana.shows(/… .*ana: said meanwhile/);
    await ana.shows('1 message waiting');
    await bob.post('general', 'one');
    await bob.post('general', 'two');
    proxy.heal();
    await ana.shows(/back after \d+ s, 2 messages caught up/);
    await ana.shows(/› .*ana: said meanwhile/);
    await ana.shows('> half typed');
    for (const content of ['one', 'two', 'said meanwhile']) expect(await bob.next()).toMatchObject({ content });
    await bob.close();
  });

  test('about a server that is killed and started again: the room began anew', async () => {
    const port = await freePort();
    const env = { CHAT_GRPC_PORT: `${port}` };
    await using first = new Program('server', { env });
    await first.shows('listening');
    await using ana = await entered('ana', { port });
    first.signal('SIGKILL');
    await ana.shows('what you type is kept');
    ana.type(`hello again${ENTER}`);
    await ana.shows('1 message waiting');
    await using second = new Program('server', { env });
    await second.shows('listening');
    await ana.shows('general began anew');
    await ana.shows(/› .*ana: hello again/);
    await ana.showsNot('waiting');
    expect(ana.screen.match(/hello again/g)).toHaveLength(1);
  });

  test('about a server that does not answer', async () => {
    await using server = await ServerProcess.start();
    await using ana = await entered('ana', { port: server.port });
    server.signal('SIGSTOP');
    ana.type(`anybody?${ENTER}`);
    await ana.shows(/^─ no answer for \d+ s · .*1 message waiting/m);
    server.signal('SIGCONT');
    await ana.shows(/› .*ana: anybody\?/);
    await ana.shows(/^─ connected · /m);
  });

  test('about a server that goes away, and comes back when it was told', async () => {
    const port = await freePort();
    const env = { CHAT_GRPC_PORT: `${port}`, CHAT_GRPC_SHUTDOWN_GRACE: '1s' };
    await using first = new Program('server', { env });
    await first.shows('listening');
    await using ana = await entered('ana', { port });
    first.signal('SIGTERM');
    await ana.shows('the server is going away; it said when to come back');
    await ana.shows(/^─ (server restarting, reconnecting|reconnecting|connecting)/m);
    await first.exit;
    await using second = new Program('server', { env });
    await second.shows('listening');
    await ana.shows('general began anew');
    await ana.shows(/^─ connected · /m);
  });

  test('about words that are refused: why, and Ctrl+R sends them again under the same id', async () => {
    using server = await scriptedServer();
    await using ana = screenOf({ port: server.port, name: 'ana' });
    const stream = await server.stream();
    await stream.welcome();
    await stream.seat({ epoch: 'one', seq: 1n });
    await ana.shows('You are in general.');
    for (const asked of ['heartbeat', 'history', 'members'] as const) await stream.hears(asked);
    ana.type(`may I?${ENTER}`);
    const post = await stream.hears('chat');
    stream.refuse(post, { code: 7, reason: 'muted', message: 'you are muted' });
    await ana.shows(/! .*ana: may I\?\n.*not sent: you are muted\. Ctrl\+R sends it again/);
    await ana.shows('1 not sent');
    ana.type('\u0012');
    const { messageId } = await stream.ack(2n);
    expect(messageId).toBe(post.messageId);
    await ana.shows(/› .*ana: may I\?/);
    await ana.showsNot('not sent');
  });

  test('about what is lost for good: which', async () => {
    using server = await scriptedServer();
    await using ana = screenOf({ port: server.port, name: 'ana' });
    const first = await server.stream();
    await first.welcome();
    await first.seat({ epoch: 'one', seq: 39n });
    await ana.shows('You are in general.');
    first.fail(14, { reason: 'lost' });
    const again = await server.stream();
    await again.welcome({ resumed: true });
    const room = 'general';
    const said = broadcast({ seq: 52n, room, content: 'after the gap', timestampUtc: BigInt(Date.now()) });
    const after = [gap(40n, 51n, { room }), said] as const;
    await again.seat({ epoch: 'one', seq: 51n, headSeq: 52n }, ...after);
    await ana.shows(/12 events could not be recovered \(40–51\)/);
    await ana.shows(/bob: after the gap\n.*back after \d+ s, 1 message caught up/);
    await ana.shows(/^─ connected · general #52 /m);
  });

  test('about a server that is not there: names the address, and ends with 69', async () => {
    const port = await freePort();
    await using ana = screenOf({ port, name: 'ana' });
    expect(await ana.exit).toEqual({ code: 69, signal: null });
    expect(ana.screen).toContain(`chat-client: no chat server at 127.0.0.1:${port}`);
    expect(ana.emulator.isAlternate).toBe(false);
  });
});
