import type { ChatEvent, MembersPage } from '../connection/index.ts';
import type { Effect } from './effect.ts';
import type { Member, Members, Room } from './state.ts';

/** How many members are asked for at once. */
export const MEMBERS_A_PAGE = 100;

/** Somebody came or went. Beyond the end of what is known, only the count tells. */
export function membersAfter(
  members: Members,
  event: Extract<ChatEvent, { kind: 'member_joined' | 'member_left' }>,
): Members {
  const { userId, displayName } = event;
  const others = members.known.filter((member) => member.userId !== userId);
  if (event.kind === 'member_left')
    return clamped({ ...members, count: Math.max(0, members.count - 1), known: others });
  const known = members.nextPage === undefined ? [...others, { userId, displayName, isDetached: false }] : others;
  return { ...members, count: members.count + 1, known };
}

/** A page of the server's list: the first, or what follows on what is known. */
export function withPage(members: Members, page: MembersPage, isFirst: boolean): Members {
  const came = page.members.map(({ userId, displayName, isDetached }): Member => ({ userId, displayName, isDetached }));
  const ids = new Set(came.map(({ userId }) => userId));
  const before = isFirst ? [] : members.known.filter(({ userId }) => !ids.has(userId));
  return clamped({
    ...members,
    count: page.memberCount,
    known: [...before, ...came],
    nextPage: page.nextPageToken === '' ? undefined : page.nextPageToken,
    isAsked: false,
    isStale: false,
  });
}

/** Asks anew from the beginning. */
export function askMembers({ name, members }: Room): {
  readonly members: Members;
  readonly effects: readonly Effect[];
} {
  if (members.isAsked) return { members, effects: [] };
  return {
    members: { ...members, isAsked: true, isStale: false },
    effects: [{ kind: 'ask_members', room: name, page: '', purpose: 'pane' }],
  };
}

/** The list begins at another member; what is not known yet is asked for. `shows`: so many at a time. */
export function paged(
  { name, members }: Room,
  way: 'back' | 'forward',
  shows: number,
): { readonly members: Members; readonly effects: readonly Effect[] } {
  const { known, nextPage, isAsked, count } = members;
  const wanted = members.from + (way === 'forward' ? shows : -shows);
  const isBeyond = wanted + shows > known.length && nextPage !== undefined && !isAsked;
  const from = wanted >= Math.max(known.length, 1) || wanted >= count ? members.from : Math.max(0, wanted);
  if (!isBeyond || nextPage === undefined) return { members: { ...members, from }, effects: [] };
  return {
    members: { ...members, from, isAsked: true },
    effects: [{ kind: 'ask_members', room: name, page: nextPage, purpose: 'pane' }],
  };
}

function clamped(members: Members): Members {
  return { ...members, from: Math.max(0, Math.min(members.from, members.known.length - 1)) };
}
