import { describe, expect, test } from 'vitest';
import { type Line, piece } from '../../../../cli/terminal/line.ts';
import { Screen } from '../../../../cli/traces/screen.ts';

const lines = (...texts: string[]): Line[] => texts.map((text) => [piece(text)]);

/** A terminal that keeps what is written and understands as much of it as a screen needs. */
class Terminal {
  columns = 20;
  rows = 10;
  /** ESC as ␛. */
  readonly writes: string[] = [];
  /** All rows since the beginning, those that have scrolled out of sight too. */
  readonly shown: string[] = [''];
  #row = 0;
  #word = '';

  write(text: string): void {
    const visible = text.replaceAll('\u001b', '␛');
    this.writes.push(visible);
    for (const [token, up] of visible.matchAll(/␛\[(\d+)A|␛\[[KJ]|[\r\n]|[^␛\r\n]+/g)) {
      if (up !== undefined) this.#row -= Number(up);
      else if (token === '␛[K') this.shown[this.#row] = this.#word;
      else if (token === '␛[J') this.shown.splice(this.#row, Number.POSITIVE_INFINITY, '');
      else if (token === '\n') this.shown[++this.#row] ??= '';
      else this.#word = token.trim();
    }
  }
}

describe('a screen', () => {
  test('keeps lines above a foot that is drawn anew, each time in one write', () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal, { colours: false });
    screen.draw(lines('a'), lines('foot 1', 'foot 2'));
    screen.draw(lines('b', 'c', 'd'), lines('foot 3', 'foot 4'));
    screen.draw([], lines('foot 5'));
    screen.draw(lines('e'), []);
    screen.draw(lines('f'), lines('foot 6'));
    expect(terminal.shown).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'foot 6', '']);
    expect(terminal.writes).toHaveLength(5);
  });

  test('never clears what it does not draw anew in the same write', () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal, { colours: false });
    screen.draw(lines('a'), lines('foot'));
    screen.draw(lines('b'), lines('foot'));
    expect(terminal.writes[1]).toBe('␛[1A\rb␛[K\nfoot␛[K\n␛[J');
  });

  test('cuts each line before the last column', () => {
    const terminal = new Terminal();
    new Screen(terminal, { colours: false }).draw(lines('x'.repeat(30)), lines('y'.repeat(20)));
    expect(terminal.shown.map(({ length }) => length)).toEqual([19, 19, 0]);
  });

  test('goes back over a foot that a narrower terminal has wrapped', () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal, { colours: false });
    screen.draw([], lines('x'.repeat(19), 'short'));
    terminal.columns = 10;
    screen.draw([], lines('foot'));
    expect(terminal.writes[1]).toMatch(/^␛\[3A/);
  });

  test('has half of its rows for the foot, and guesses a size that it is not told', () => {
    const terminal = new Terminal();
    expect(new Screen(terminal, { colours: false }).mostFootLines).toBe(5);
    expect(new Screen({ write: () => {} }, { colours: false }).mostFootLines).toBe(12);
  });
});
