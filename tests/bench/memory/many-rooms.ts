import { setTimeout as wait } from 'node:timers/promises';
import { cpuSecondsOf } from '../../../cli/load/run/process-usage.ts';
import type { MeasuredServer } from '../../faults/soak/measured.ts';
import { Guest } from './guest.ts';
import { hostsOf, inGroups } from './idle.ts';
import { figure } from './report.ts';
import { eachOf, memoryOf } from './weight.ts';

const MESSAGES = 20_000;
const REST_MS = 5000;
const SPOKEN_IN = 'spoken-in';

/** What so many small rooms take, a member in each, and what they do to a server at rest and to a message in another room. */
export async function manyRooms(server: MeasuredServer, count: number): Promise<string> {
  const speaker = await Guest.full(server.port, 'speaker');
  await speaker.join([SPOKEN_IN]);
  const names = Array.from({ length: count }, (_, i) => `small-${i}`);
  const hosts = await hostsOf(server.port, 'host', names);
  // The first messages are for the compiler.
  await costOf(server.pid, speaker);
  const alone = await costOf(server.pid, speaker);
  const before = await memoryOf(server);
  await inGroups(hosts.length, async (i) => hosts[i]?.guest.join(hosts[i].rooms));
  await wait(REST_MS);
  const after = await memoryOf(server);
  const amongMany = await costOf(server.pid, speaker);
  return [
    `${figure(count)} small rooms, a member in each; ${hosts.length} clients`,
    `a room: ${eachOf(before, after, count)}`,
    `before them: ${alone}`,
    `with them: ${amongMany}`,
  ].join('\n');
}

/** What the server takes of a core while nothing happens, and for each of many messages; in words. */
async function costOf(pid: number, speaker: Guest): Promise<string> {
  const cpuMs = () => 1000 * (cpuSecondsOf(pid) ?? Number.NaN);
  const restingFrom = cpuMs();
  await wait(REST_MS);
  const speakingFrom = cpuMs();
  await speaker.say(
    SPOKEN_IN,
    Array.from({ length: MESSAGES }, (_, i) => `message ${i}`),
  );
  const rest = (speakingFrom - restingFrom) / (REST_MS / 1000);
  const message = (1000 * (cpuMs() - speakingFrom)) / MESSAGES;
  return `${rest.toFixed(1)} ms of a core a second at rest, ${message.toFixed(1)} µs of it a message`;
}
