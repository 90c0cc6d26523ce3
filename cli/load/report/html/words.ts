import { countText } from '../figures.ts';

/** What stands where there is no value. */
export const NONE = '–';

/** "1 fault", "2 faults". */
export function counted(count: number, word: string): string {
  return `${countText(count)} ${word}${count === 1 ? '' : 's'}`;
}
