/**
 * A full client as a process of its own, to be killed, frozen and continued:
 * `member.ts PORT USER ROOM`. Writes a line of JSON when it has its seat, for
 * each event of the room's log or gap that it is told, and for the end of its stream.
 */
import { LiveClient } from './live-client.ts';

const [port, userId = '', room = ''] = process.argv.slice(2);
const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);

const client = await LiveClient.enter(Number(port), userId, [room]);
say({ seated: client.ledger(room).at });
process.stdin.on('end', () => process.exit(0)).resume();

const { status, trailers, resetCode } = await client.ended;
say({ told: [...client.log(room).keys()], gaps: client.ledger(room).gaps, violations: client.violations });
say({ ended: { status, reason: trailers['chat-reason'], resetCode } });
process.exit(0);
