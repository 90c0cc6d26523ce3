import type { History, Members } from './commands.ts';
import type { Refusal } from './errors.ts';
import type { HistoryPage, MemberPage } from './events.ts';
import { MAX_PAGE_BYTES } from './limits.ts';
import { pageOf, pageSize } from './pages.ts';
import type { Member, Room } from './room.ts';

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
  const slices = log.pageBefore(before, pageSize(asked.limit, maxPageSize), MAX_PAGE_BYTES);
  const hasMore = (slices[0]?.from ?? before) > log.oldest;
  const entries = slices.map(({ bytes }) => bytes);
  return { kind: 'history', requestId: asked.requestId, room: name, epoch, hasMore, entries };
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
