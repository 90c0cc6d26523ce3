import type { History, Members } from './commands.ts';
import type { Refusal } from './errors.ts';
import type { HistoryPage, MemberPage } from './events.ts';
import { MAX_PAGE_BYTES } from './limits.ts';
import { pageOf, pageSize } from './pages.ts';
import type { Member, Room } from './room.ts';
import type { RoomLog } from './room-log.ts';

type Asked<C> = C & { readonly requestId: string };

/** What the room's log still holds before a seq. */
export function historyPage(room: Room, asked: Asked<History>, maxPageSize: number): HistoryPage | Refusal {
  const { name, epoch, log } = room;
  if (asked.epoch !== '' && asked.epoch !== epoch) {
    return { reason: 'invalid_position', message: `${name} has begun anew; its epoch is ${epoch}` };
  }
  if (asked.beforeSeq > BigInt(log.head) + 1n) {
    return { reason: 'invalid_position', message: `${name} has only ${log.head} events` };
  }
  const before = asked.beforeSeq === 0n ? log.head + 1 : Number(asked.beforeSeq);
  const from = pageStart(log, before, pageSize(asked.limit, maxPageSize));
  const entries: Uint8Array[] = [];
  for (let slice = log.slice(from - 1, before - 1, MAX_PAGE_BYTES); slice !== undefined; ) {
    entries.push(slice.bytes);
    slice = log.slice(slice.to, before - 1, MAX_PAGE_BYTES);
  }
  return { kind: 'history', requestId: asked.requestId, room: name, epoch, hasMore: from > log.oldest, entries };
}

/** Seq of the first entry of a page that ends before seq `before`; with anything in it, unless nothing is held. */
function pageStart(log: RoomLog, before: number, count: number): number {
  let from = before;
  let bytesLeft = MAX_PAGE_BYTES;
  while (from > log.oldest && before - from < count) {
    bytesLeft -= log.sizeOf(from - 1);
    if (bytesLeft < 0 && from < before) break;
    from -= 1;
  }
  return from;
}

/** Who is in a room, which need not exist. */
export function memberPage(
  name: string,
  room: Room | undefined,
  asked: Asked<Members>,
  maxPageSize: number,
): MemberPage | Refusal {
  const page = pageOf<Member>({
    all: room?.members.values() ?? [],
    ordinalOf: ({ ordinal }) => ordinal,
    textsOf: ({ userId, displayName }) => [userId, displayName],
    size: pageSize(asked.pageSize, maxPageSize),
    token: asked.pageToken,
  });
  if ('reason' in page) return page;
  const { items: members, nextToken: nextPageToken } = page;
  const standing = { memberCount: room?.members.size ?? 0, headSeq: room?.log.head ?? 0 };
  return { kind: 'members', requestId: asked.requestId, room: name, members, nextPageToken, ...standing };
}
