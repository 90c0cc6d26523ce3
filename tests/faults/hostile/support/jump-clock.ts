/**
 * Loaded into the server's process before the server: on SIGHUP the system's clock
 * goes to the next of these many hours beside the true time.
 */
const HOURS = [1, -1, 0];
const HOUR_MS = 3_600_000;
const trueMs = Date.now.bind(Date);
let jumps = 0;
let besideMs = 0;

process.on('SIGHUP', () => {
  besideMs = (HOURS[jumps % HOURS.length] ?? 0) * HOUR_MS;
  jumps += 1;
  process.stdout.write(`${JSON.stringify({ msg: 'jumped', jumps })}\n`);
});

Date.now = () => trueMs() + besideMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, given) => (given.length === 0 ? new target(Date.now()) : Reflect.construct(target, given)),
});
