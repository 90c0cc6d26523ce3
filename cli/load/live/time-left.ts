import { durationText } from '../report/figures.ts';
import type { Progress } from './progress.ts';

/** "25 s left", in whole seconds; undefined where nobody knows, and when the measured time is over. */
export function timeLeft({ leftMs }: Progress): string | undefined {
  if (leftMs === undefined || leftMs <= 0) return undefined;
  return `${durationText(Math.ceil(leftMs / 1000) * 1000)} left`;
}
