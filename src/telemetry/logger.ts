import { type Logger, pino } from 'pino';
import { build as pretty } from 'pino-pretty';

export type { Logger };

/** One line an event: readable on a terminal, JSON otherwise. */
export function createLogger(options: { level: string; isTerminal: boolean; colours: boolean }): Logger {
  const { level, isTerminal, colours } = options;
  const base = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!isTerminal) return pino(base);
  return pino(base, pretty({ colorize: colours, sync: true, translateTime: 'SYS:HH:MM:ss', singleLine: true }));
}
