import type { Line } from '../../terminal/line.ts';
import type { Item, Outgoing } from '../entry.ts';
import { geometryOf } from '../geometry.ts';
import type { Pane, View } from '../pane.ts';
import { type ChatState, roomOf, shownPane } from '../state.ts';
import { isSameDay, itemRows, type Surroundings } from './item-rows.ts';

/** A row of an item, by their indices; the items are those of the shown pane. */
interface Place {
  readonly item: number;
  readonly row: number;
}

/** What is wrapped once is drawn many times. */
const cache = new WeakMap<Item, { readonly key: string; readonly rows: readonly Line[] }>();

/** The part of the shown pane that fits, and how much there is below it. */
export function viewport(state: ChatState): { rows: Line[]; below: number } {
  const height = viewportHeight(state);
  const pane = paneRows(state, geometryOf(state).messageColumns);
  const bottom = orLowestFull(pane, placeOf(pane, shownPane(state).view), height);
  const rows: Line[] = [];
  for (let item = bottom.item; item >= 0 && rows.length < height; item -= 1) {
    const of = pane.rowsAt(item);
    const last = item === bottom.item ? bottom.row : of.length - 1;
    for (let row = last; row >= 0 && rows.length < height; row -= 1) rows.unshift(of[row] ?? []);
  }
  return { rows, below: Math.max(0, pane.count - 1 - bottom.item) };
}

/** Rows of what is said that are seen at once: below the head. */
export function viewportHeight(state: ChatState): number {
  return geometryOf(state).bodyRows - 1;
}

/** Where one looks after going so many rows up (negative) or down. */
export function scrolled(state: ChatState, by: number): View {
  const pane = paneRows(state, geometryOf(state).messageColumns);
  const from = placeOf(pane, shownPane(state).view);
  let { item, row } = from;
  for (let left = Math.abs(by); left > 0; left -= 1) {
    if (by < 0) {
      if (row > 0) row -= 1;
      else if (item > 0) {
        item -= 1;
        row = pane.rowsAt(item).length - 1;
      } else break;
    } else if (row < pane.rowsAt(item).length - 1) row += 1;
    else if (item < pane.count - 1) {
      item += 1;
      row = 0;
    } else break;
  }
  ({ item, row } = orLowestFull(pane, { item, row }, viewportHeight(state)));
  const isLast = item >= pane.count - 1 && row >= pane.rowsAt(item).length - 1;
  const id = pane.idAt(item);
  return isLast || id === undefined ? { kind: 'end' } : { kind: 'held', id, row };
}

interface PaneRows {
  readonly count: number;
  rowsAt(item: number): readonly Line[];
  idAt(item: number): number | undefined;
  indexOf(id: number): number;
}

function paneRows(state: ChatState, columns: number): PaneRows {
  const pane = shownPane(state);
  const items = itemsOf(pane, roomOf(state, state.shown)?.outgoing ?? []);
  const at = (index: number): Item | undefined => items[index];
  const rowsAt = (index: number): readonly Line[] => {
    const item = at(index);
    if (item === undefined) return [];
    const before = at(index - 1);
    return cachedRows(item, {
      columns,
      isNewDay: before !== undefined && !isSameDay(before.atMs, item.atMs),
      isFirstUnread: pane.unreadFrom === item.id,
      displayName: state.displayName,
      userId: state.name,
      nowMs: item.kind === 'outgoing' && item.delivery.kind === 'held' ? state.nowMs : undefined,
    });
  };
  return {
    count: items.length,
    rowsAt,
    idAt: (index) => at(index)?.id,
    indexOf: (id) => items.findLastIndex((item) => item.id === id),
  };
}

/** What is on its way stands at the end, but what the program said after it stays below it and is seen. */
function itemsOf({ entries }: Pane, outgoing: readonly Outgoing[]): readonly Item[] {
  const last = outgoing.at(-1);
  if (last === undefined) return entries;
  const tail = entries.findLastIndex(({ kind, id }) => kind !== 'note' || id < last.id) + 1;
  return [...entries.slice(0, tail), ...outgoing, ...entries.slice(tail)];
}

function cachedRows(item: Item, surroundings: Surroundings): readonly Line[] {
  const { columns, isNewDay, isFirstUnread, displayName, nowMs } = surroundings;
  const key = `${columns} ${isNewDay} ${isFirstUnread} ${nowMs} ${item.kind === 'outgoing' ? displayName : ''}`;
  const cached = cache.get(item);
  if (cached?.key === key) return cached.rows;
  const rows = itemRows(item, surroundings);
  cache.set(item, { key, rows });
  return rows;
}

/** The bottom row. What one looked at may be narrower now, or gone. */
function placeOf(pane: PaneRows, view: View): Place {
  const item = view.kind === 'end' ? pane.count - 1 : Math.max(0, Math.min(pane.count - 1, pane.indexOf(view.id)));
  const last = Math.max(0, pane.rowsAt(item).length - 1);
  return { item, row: view.kind === 'end' ? last : Math.min(view.row, last) };
}

/** The bottom row at which the first row is still at the top: nothing is seen above it. */
function lowestFull(pane: PaneRows, height: number): Place {
  let left = height;
  for (let item = 0; item < pane.count; item += 1) {
    const rows = pane.rowsAt(item).length;
    if (rows >= left) return { item, row: left - 1 };
    left -= rows;
  }
  return { item: pane.count - 1, row: Math.max(0, pane.rowsAt(pane.count - 1).length - 1) };
}

/** Nothing is blank above while there is something below. */
function orLowestFull(pane: PaneRows, place: Place, height: number): Place {
  const lowest = lowestFull(pane, height);
  return isBefore(place, lowest) ? lowest : place;
}

function isBefore(one: Place, other: Place): boolean {
  return one.item < other.item || (one.item === other.item && one.row < other.row);
}
