import { type Draft, replaced } from './line-editor.ts';

const MOST_SENT = 200;

/** What was sent before, oldest first, and how far back one is looking. */
export interface SentLines {
  readonly lines: readonly string[];
  /** Steps back from what is being typed; 0 is that itself. */
  readonly back: number;
  /** What was being typed when one began to look. */
  readonly unsent: string;
}

export const NOTHING_SENT: SentLines = { lines: [], back: 0, unsent: '' };

export function withSent({ lines }: SentLines, line: string): SentLines {
  const others = lines.at(-1) === line ? lines.slice(0, -1) : lines;
  return { lines: [...others, line].slice(-MOST_SENT), back: 0, unsent: '' };
}

/** A step through what was sent; unchanged at either end. */
export function recalled(sent: SentLines, draft: Draft, way: 'back' | 'forward'): { sent: SentLines; draft: Draft } {
  const back = sent.back + (way === 'back' ? 1 : -1);
  if (back < 0 || back > sent.lines.length) return { sent, draft };
  const unsent = sent.back === 0 ? draft.text : sent.unsent;
  const text = back === 0 ? unsent : (sent.lines.at(-back) ?? '');
  return { sent: { ...sent, back, unsent }, draft: replaced(draft, text) };
}
