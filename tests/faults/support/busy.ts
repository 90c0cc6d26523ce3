/** Loaded before the server: from a SIGUSR2 to the next each turn of its event loop takes far too long. */
const TURN_MS = 400;

let isBusy = false;

function turn(): void {
  if (!isBusy) return;
  const untilMs = performance.now() + TURN_MS;
  while (performance.now() < untilMs);
  setImmediate(turn);
}

process.on('SIGUSR2', () => {
  isBusy = !isBusy;
  turn();
});
