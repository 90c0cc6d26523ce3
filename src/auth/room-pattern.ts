/**
 * Names of rooms in which `*` stands for any run of characters, an empty one too, and nothing else is special.
 *
 * As a regular expression, `a*a*a*b` would be tried in every way that its stars can be stretched. Here each piece
 * between two stars is sought once, as far left as it is found: if a match exists at all, one exists with it there.
 */
export class RoomPattern {
  readonly #first: string;
  readonly #middle: readonly string[];
  /** Undefined: no star, the name must be the first piece. */
  readonly #last: string | undefined;

  /** @param pattern in NFC. */
  constructor(pattern: string) {
    const [first = '', ...rest] = pattern.split('*');
    this.#first = first;
    this.#last = rest.pop();
    this.#middle = rest.filter((piece) => piece !== '');
  }

  /** @param room a name in NFC. */
  matches(room: string): boolean {
    if (this.#last === undefined) return room === this.#first;
    const end = room.length - this.#last.length;
    let from = this.#first.length;
    if (from > end || !room.startsWith(this.#first) || !room.endsWith(this.#last)) return false;
    for (const piece of this.#middle) {
      const at = room.indexOf(piece, from);
      if (at === -1 || at + piece.length > end) return false;
      from = at + piece.length;
    }
    return true;
  }
}
