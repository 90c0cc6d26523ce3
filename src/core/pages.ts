import type { Refusal } from './errors.ts';
import { MAX_PAGE_BYTES } from './limits.ts';
import { checkId } from './names.ts';

/** More than anything in a listed item but its names: numbers, tags and lengths. */
const ITEM_OVERHEAD_BYTES = 64;
/** Items behind the token that one page passes over; a caller who may see few of many asks again. */
const MOST_LOOKS_A_PAGE = 10_000;

export interface Page<T> {
  readonly items: readonly T[];
  /** '' when this was the last page. */
  readonly nextToken: string;
}

interface PageRequest<T> {
  /** In rising order of `ordinalOf`. */
  readonly all: Iterable<T>;
  readonly ordinalOf: (item: T) => number;
  readonly textsOf: (item: T) => readonly string[];
  /** What the caller may not see is passed over. */
  readonly isVisible?: ((item: T) => boolean) | undefined;
  /** Items at most. */
  readonly size: number;
  /** `nextToken` of the page before, or ''. */
  readonly token: string;
}

/**
 * The items behind the token. The token is the ordinal of the last item given, or passed over,
 * so that what comes and goes between two pages neither repeats nor hides
 * anything else.
 */
export function pageOf<T>({ all, ordinalOf, textsOf, isVisible, size, token }: PageRequest<T>): Page<T> | Refusal {
  const malformed = checkId('page_token', token);
  if (malformed !== undefined) return malformed;
  if (!/^[0-9]{0,15}$/.test(token))
    return { reason: 'invalid_id', message: 'page_token is not one that was given out' };
  const after = Number(token);
  const items: T[] = [];
  let bytesLeft = MAX_PAGE_BYTES;
  let passedOver = 0;
  for (const item of all) {
    if (ordinalOf(item) <= after) continue;
    if (isVisible?.(item) === false) {
      if (++passedOver < MOST_LOOKS_A_PAGE) continue;
      return { items, nextToken: `${ordinalOf(item)}` };
    }
    bytesLeft -= ITEM_OVERHEAD_BYTES;
    for (const text of textsOf(item)) bytesLeft -= Buffer.byteLength(text);
    const last = items.at(-1);
    if (last !== undefined && (items.length === size || bytesLeft < 0))
      return { items, nextToken: `${ordinalOf(last)}` };
    items.push(item);
  }
  return { items, nextToken: '' };
}

/** How many items a page has when a client asks for `asked`. */
export function pageSize(asked: number, most: number): number {
  return asked === 0 || asked > most ? most : asked;
}
