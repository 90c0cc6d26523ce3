import type { WriteStream } from 'node:tty';
import { type Logger, pino } from 'pino';
import { build as pretty } from 'pino-pretty';

export type { Logger };

/** One line an event: readable on a terminal, JSON otherwise. Lines are written at once, in order. */
export function createLogger(options: {
  output: WriteStream & { readonly fd: number };
  level: string;
  colours: boolean;
}): Logger {
  const { output, level, colours } = options;
  // Whoever read the log has gone away: the chat goes on without it.
  output.on('error', () => {});
  const base = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!output.isTTY) return pino(base, output);
  const destination = output.fd;
  return pino(
    base,
    pretty({ destination, colorize: colours, sync: true, translateTime: 'SYS:HH:MM:ss', singleLine: true }),
  );
}
