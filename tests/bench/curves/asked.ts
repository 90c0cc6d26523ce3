import { SHAPES, type Shape } from './shapes.ts';

const DEFAULT_SECONDS = '2';
/** A plain server that cannot keep up queues what it owes; the load tester must see the end of that in its patience. */
const MOST_SECONDS = 15;
const DEFAULT_ROUNDS = '3';
const MOST_ROUNDS = 9;

/** What is to be measured, and how long. */
export interface Asked {
  /** Measured of each round. */
  readonly seconds: number;
  readonly rounds: number;
  readonly shapes: readonly Shape[];
}

/**
 * From the environment, where make puts what stands on its command line.
 * @throws a line for people.
 */
export function askedOf(environment: NodeJS.ProcessEnv): Asked {
  const seconds = Number(environment['SECONDS'] || DEFAULT_SECONDS);
  const rounds = Number(environment['ROUNDS'] || DEFAULT_ROUNDS);
  const only = environment['ONLY'] || undefined;
  const shapes = SHAPES.filter(({ name }) => only === undefined || name === only);
  const areSecondsRight = seconds >= 1 && seconds <= MOST_SECONDS;
  const areRoundsRight = Number.isInteger(rounds) && rounds >= 1 && rounds <= MOST_ROUNDS;
  if (areSecondsRight && areRoundsRight && shapes.length > 0) return { seconds, rounds, shapes };
  const names = SHAPES.map(({ name }) => name);
  const known = `SECONDS from 1 to ${MOST_SECONDS}, ROUNDS from 1 to ${MOST_ROUNDS}, and ONLY one of ${names.join(', ')}`;
  throw new Error(`takes ${known}, such as: make curves ROUNDS=1 ONLY=${names[0]}`);
}
