import type { WriteStream } from 'node:tty';
import { type Logger, multistream, pino } from 'pino';
import { build as pretty } from 'pino-pretty';

export type { Logger };

/** One line an event: readable on a terminal, JSON otherwise. Lines are written at once, in order. */
export function createLogger(options: {
  output: WriteStream & { readonly fd: number };
  level: string;
  colours: boolean;
  /** Takes every line too, as JSON. */
  also: { write(line: string): void } | undefined;
}): Logger {
  const { output, level, colours, also } = options;
  // Whoever read the log has gone away: the chat goes on without it.
  output.on('error', () => {});
  const base = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const stream = output.isTTY ? readable(output.fd, colours) : output;
  if (also === undefined) return pino(base, stream);
  const lowest = 'trace';
  return pino(
    base,
    multistream([
      { level: lowest, stream },
      { level: lowest, stream: also },
    ]),
  );
}

function readable(destination: number, colours: boolean) {
  return pretty({ destination, colorize: colours, sync: true, translateTime: 'SYS:HH:MM:ss', singleLine: true });
}
