import type { Assignment } from './orders.ts';
import type { LoadClientOptions } from './surroundings.ts';

/** Of client i of all, in this run alone. */
export function userName(run: string, index: number): string {
  return `load-${run}-${index}`;
}

/** Client i sits in room i mod rooms; the first ones of each room are its senders, the last of all read badly. */
export function placeOf({ scenario, run }: Assignment, index: number): LoadClientOptions {
  const { clients, rooms, sendersPerRoom, slow, frozen, load, clientKind } = scenario;
  const fromLast = clients - 1 - index;
  const isSender = load.kind !== 'idle' && index < rooms * sendersPerRoom;
  return {
    kind: clientKind,
    client: userName(run, index),
    room: `load-${run}-room-${index % rooms}`,
    roomIndex: index % rooms,
    sender: isSender ? index : undefined,
    reader: fromLast < slow ? 'slow' : fromLast < slow + frozen ? 'frozen' : 'steady',
  };
}
