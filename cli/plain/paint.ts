/** How the parts of a line of words are told apart on a terminal. */
export interface Paint {
  /** What stands beside the words. */
  faint(text: string): string;
  /** Who says them. */
  strong(text: string): string;
}

export const NO_PAINT: Paint = { faint: (text) => text, strong: (text) => text };

export const PAINT: Paint = {
  faint: (text) => `\u001b[2m${text}\u001b[0m`,
  strong: (text) => `\u001b[1m${text}\u001b[0m`,
};
