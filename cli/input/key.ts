/** A key as the terminal told it; the names are those of Node's readline (`return`, `up`, `pagedown`, `a`, …). */
export interface Key {
  /** Empty for what is text alone, and for keys that have no name. */
  readonly name: string;
  /** As it came; for text, the character. */
  readonly sequence: string;
  readonly ctrl: boolean;
  /** Alt, or Escape in front of it. */
  readonly meta: boolean;
  readonly shift: boolean;
}
