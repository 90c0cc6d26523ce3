const MINUTE_MS = 60_000;
const MOST_CHARACTERS = 300;

/**
 * Passes a complaint of the SDK on at most once a minute, and then says how many
 * others there were: a collector that is gone is complained of several times a second.
 */
export function warningsAMinute(
  warn: (message: string) => void,
  monotonicMs: () => number = () => performance.now(),
): (message: string) => void {
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (message) => {
    const nowMs = monotonicMs();
    if (nowMs - warnedAtMs < MINUTE_MS) {
      unsaid += 1;
      return;
    }
    const others = unsaid === 0 ? '' : ` (and ${unsaid} other complaints since the last one)`;
    warn(`telemetry: ${inOneLine(message)}${others}`);
    warnedAtMs = nowMs;
    unsaid = 0;
  };
}

/** The SDK hands errors over as JSON with a stack: its first line is what happened. */
function inOneLine(message: string): string {
  let text = message;
  try {
    const { message: said, stack } = JSON.parse(message);
    text = String(said ?? stack);
  } catch {
    // It is text as it is.
  }
  return (text.split('\n')[0] ?? '').slice(0, MOST_CHARACTERS);
}
