import type { ListRoomsRequest, ListRoomsResponse } from '../../api/gen/chat/v1/chat.ts';
import type { Refusal } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import { pageOf, pageSize } from '../core/pages.ts';
import type { Room } from '../core/room.ts';
import type { RoomRegistry } from '../core/room-registry.ts';

/** The unary `ListRooms`: a page of the rooms there are and the caller may join, oldest first. */
export function listRooms(
  rooms: RoomRegistry,
  request: ListRoomsRequest,
  { maxPageSize, grant }: { readonly maxPageSize: number; readonly grant: Grant | undefined },
): ListRoomsResponse | Refusal {
  const page = pageOf<Room>({
    all: rooms.all(),
    isVisible: grant && (({ name }) => grant.mayJoin(name)),
    ordinalOf: (room) => room.ordinal,
    textsOf: (room) => [room.name, room.epoch],
    size: pageSize(request.pageSize, maxPageSize),
    token: request.pageToken,
  });
  if ('reason' in page) return page;
  const infos = page.items.map(({ name, members, epoch, log }) => {
    return { room: name, memberCount: members.size, position: { epoch, seq: BigInt(log.head) } };
  });
  return { rooms: infos, nextPageToken: page.nextToken };
}
