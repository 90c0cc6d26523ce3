import { describe, expect, test } from 'vitest';
import { pageOf } from '../../../src/core/pages.ts';

const ALL = Array.from({ length: 25_000 }, (_, i) => i + 1);
const page = (isVisible: (item: number) => boolean, token: string) =>
  pageOf({ all: ALL, ordinalOf: (item) => item, textsOf: (item) => [`${item}`], isVisible, size: 500, token });

/** All that is given, and how many pages that takes. */
function walk(isVisible: (item: number) => boolean) {
  const items: number[] = [];
  let token = '';
  let pages = 0;
  do {
    const got = page(isVisible, token);
    if ('reason' in got) throw new Error(got.message);
    items.push(...got.items);
    token = got.nextToken;
    pages += 1;
  } while (token !== '');
  return { items, pages };
}

describe('pageOf', () => {
  test('gives what is visible and nothing else, in order, once', () => {
    const isVisible = (item: number) => item % 7 === 0;
    expect(walk(isVisible).items).toEqual(ALL.filter(isVisible));
  });

  test('looks at a bounded number in one page, though nothing in it is visible', () => {
    let looks = 0;
    const isLast = (item: number) => {
      looks += 1;
      return item === ALL.length;
    };
    page(isLast, '');
    expect(looks).toBe(10_000);
    expect(walk(isLast)).toEqual({ items: [ALL.length], pages: 3 });
  });
});
