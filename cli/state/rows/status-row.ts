import { cellsOf } from '../../terminal/cells.ts';
import { geometryOf } from '../geometry.ts';
import { type ChatState, roomOf } from '../state.ts';
import { typedBytes } from '../typing.ts';
import { counted, seconds } from '../words.ts';
import { fittedRow, type Look, type Row, rowCells, type Segment, segment } from './row.ts';

/** How long a question whether the server answers may be out before it is said. */
const LATE_MS = 3_000;
/** The part of a message's bytes from which they are counted. */
const NEAR_THE_LIMIT = 0.8;

/** How it stands, between what is said and what is typed: the most important at the left, as much as fits. */
export function statusRow(state: ChatState): Row {
  const { columns } = geometryOf(state);
  const typed = counter(state);
  const parts = [linkPart(state), ...roomParts(state), ...roundTripPart(state)];
  const room = columns - (typed === undefined ? 0 : rowCells([typed]) + 2);
  let row: Row = [];
  for (const part of parts) {
    const next: Row = row.length === 0 ? [segment('─ ', 'faint'), part] : [...row, segment(' · ', 'faint'), part];
    if (row.length > 0 && rowCells(next) + 1 > room) continue;
    row = next;
  }
  const line = '─'.repeat(Math.max(0, room - rowCells(row) - 1));
  const end: Row = typed === undefined ? [] : [segment(' '), typed];
  return fittedRow([...row, segment(` ${line}`, 'faint'), ...end], columns);
}

function linkPart(state: ChatState): Segment {
  const { link, roundTrip, nowMs, phase } = state;
  if (phase.kind === 'leaving') return segment('leaving', 'warning');
  switch (link.kind) {
    case 'none':
      return segment('not connected', 'faint');
    case 'connecting':
      return segment('connecting', 'warning');
    case 'waiting': {
      const wait = link.untilMs <= nowMs ? 'now' : `in ${seconds(link.untilMs - nowMs)}`;
      return segment(`${link.isDraining ? 'server restarting, ' : ''}reconnecting ${wait}`, 'warning');
    }
    case 'offline':
      return segment('offline', 'error');
    case 'live': {
      const lateMs = roundTrip.askedAtMs === undefined ? 0 : nowMs - roundTrip.askedAtMs;
      if (lateMs < LATE_MS) return segment('connected', 'good');
      return segment(`no answer for ${seconds(lateMs)}`, 'warning');
    }
  }
}

function roomParts(state: ChatState): Segment[] {
  const room = roomOf(state, state.shown);
  const parts: Segment[] = [];
  if (room !== undefined) {
    const where = room.seat === 'joined' ? ` #${room.seq}` : room.seat === 'gone' ? ' (seat gone)' : ' (joining)';
    parts.push(segment(`${room.name}${where}`, room.seat === 'gone' ? 'error' : 'plain'));
  }
  const unread = state.rooms.filter(({ name, pane }) => name !== state.shown && pane.unread > 0);
  const { sideColumns } = geometryOf(state);
  if (sideColumns === 0 && unread.length > 0) {
    parts.push(segment(unread.map(({ name, pane }) => `${name} ${pane.unread}`).join(' '), 'strong'));
  }
  const kinds = state.rooms.flatMap(({ outgoing }) => outgoing.map(({ delivery }) => delivery.kind));
  const waiting = kinds.filter((kind) => kind === 'pending' || kind === 'held').length;
  if (waiting > 0) parts.push(segment(`${counted(waiting, 'message')} waiting`, 'warning'));
  const failed = kinds.filter((kind) => kind === 'failed').length;
  if (failed > 0) parts.push(segment(`${failed} not sent`, 'error'));
  return parts;
}

function roundTripPart({ link, roundTrip }: ChatState): Segment[] {
  if (link.kind !== 'live' || roundTrip.lastMs === undefined) return [];
  return [segment(`${roundTrip.lastMs < 10 ? roundTrip.lastMs.toFixed(1) : Math.round(roundTrip.lastMs)} ms`, 'faint')];
}

function counter(state: ChatState): Segment | undefined {
  const bytes = typedBytes(state);
  const { maxContentBytes } = state.limits;
  if (bytes < maxContentBytes * NEAR_THE_LIMIT) return undefined;
  const look: Look = bytes > maxContentBytes ? 'error' : 'warning';
  const text = `${bytes}/${maxContentBytes}`;
  return segment(cellsOf(text) < 20 ? text : '', look);
}
