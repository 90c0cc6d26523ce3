import { describe, expect, test } from 'vitest';
import { envelope } from '../support/envelopes.ts';
import { fullClient } from '../support/raw-client.ts';
import { LiveClient } from './support/live-client.ts';
import { ServerProcess } from './support/server-process.ts';
import { expectToldAlike } from './support/told-alike.ts';

const ROOM = 'lobby';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a server that stood still', () => {
  test.each([{ ms: 3500, timeout: '2s', askedForMs: 600 }])(
    'for $ms ms, longer than a heartbeat may take: cuts nobody, and what came meanwhile counts',
    async ({ ms, timeout, askedForMs }) => {
      const settings = { HEARTBEAT_INTERVAL: '1s', HEARTBEAT_TIMEOUT: timeout, STUCK_WRITE_TIMEOUT: timeout };
      await using server = await ServerProcess.start(settings);
      const clients: LiveClient[] = [];
      for (let i = 0; i < 5; i++) clients.push(await LiveClient.enter(server.port, `c${i}`, [ROOM]));
      const late = await fullClient(server.port, 'late', [ROOM]);
      const answer = async () => {
        const { nonce } = await late.hear('heartbeat');
        late.send(envelope(6, { 1: nonce, 2: true }));
      };
      // The question is out and waits for its answer; the answer comes when nobody reads.
      await late.hear('heartbeat');
      await pause(askedForMs);
      server.signal('SIGSTOP');
      late.send(envelope(6, { 2: true }));
      await pause(ms);
      server.signal('SIGCONT');

      const [speaker] = clients;
      const head = await speaker?.say(ROOM, 'still here');
      for (const one of clients) await one.reaches(ROOM, Number(head));
      const asked = clients.map((one) => one.all('heartbeat').length);
      await Promise.all([
        answer().then(answer),
        ...clients.slice(1).map((one, i) => one.until(() => one.all('heartbeat')[(asked[i + 1] ?? 0) + 1])),
      ]);
      expect(server.closed).toEqual([]);
      expectToldAlike(clients, ROOM, Number(head));
    },
  );
});
