import { cellsOf } from '../../terminal/cells.ts';
import { fittedLine, type Line, lineCells, type Piece, piece, type Tone } from '../../terminal/line.ts';
import { geometryOf } from '../geometry.ts';
import { type ChatState, type Room, roomOf } from '../state.ts';
import { typedBytes } from '../typing.ts';
import { counted, seconds } from '../words.ts';

/** How long a question whether the server answers may be out before it is said. */
const LATE_MS = 3_000;
/** The part of a message's bytes from which they are counted. */
const NEAR_THE_LIMIT = 0.8;

/** How it stands, between what is said and what is typed: the most important at the left, as much as fits. */
export function statusRow(state: ChatState): Line {
  const { columns } = geometryOf(state);
  const typed = counter(state);
  const parts = [linkPart(state), ...roomParts(state), ...roundTripPart(state)];
  const room = columns - (typed === undefined ? 0 : lineCells([typed]) + 2);
  let row: Line = [];
  for (const part of parts) {
    const next: Line = row.length === 0 ? [piece('─ ', 'faint'), part] : [...row, piece(' · ', 'faint'), part];
    if (row.length > 0 && lineCells(next) + 1 > room) continue;
    row = next;
  }
  const line = '─'.repeat(Math.max(0, room - lineCells(row) - 1));
  const end: Line = typed === undefined ? [] : [piece(' '), typed];
  return fittedLine([...row, piece(` ${line}`, 'faint'), ...end], columns);
}

function linkPart(state: ChatState): Piece {
  const { link, roundTrip, nowMs, phase } = state;
  if (phase.kind === 'leaving') return piece('leaving', 'warning');
  switch (link.kind) {
    case 'none':
      return piece('not connected', 'faint');
    case 'connecting':
      return piece('connecting', 'warning');
    case 'waiting': {
      const wait = link.untilMs <= nowMs ? 'now' : `in ${seconds(link.untilMs - nowMs)}`;
      return piece(`${link.isDraining ? 'server restarting, ' : ''}reconnecting ${wait}`, 'warning');
    }
    case 'offline':
      return piece('offline', 'error');
    case 'live': {
      const lateMs = roundTrip.askedAtMs === undefined ? 0 : nowMs - roundTrip.askedAtMs;
      if (lateMs < LATE_MS) return piece('connected', 'good');
      return piece(`no answer for ${seconds(lateMs)}`, 'warning');
    }
  }
}

function roomParts(state: ChatState): Piece[] {
  const room = roomOf(state, state.shown);
  const parts: Piece[] = [];
  if (room !== undefined) {
    parts.push(piece(`${room.name}${whereIn(room)}`, room.seat === 'gone' ? 'error' : 'plain'));
  }
  const unread = state.rooms.filter(({ name, pane }) => name !== state.shown && pane.unread > 0);
  const { sideColumns } = geometryOf(state);
  if (sideColumns === 0 && unread.length > 0) {
    const [first] = unread;
    const count = unread.reduce((sum, { pane }) => sum + pane.unread, 0);
    parts.push(
      piece(unread.length === 1 ? `${first?.name} ${count}` : `${count} unread in ${unread.length}`, 'strong'),
    );
  }
  const kinds = state.rooms.flatMap(({ outgoing }) => outgoing.map(({ delivery }) => delivery.kind));
  const waiting = kinds.filter((kind) => kind === 'pending' || kind === 'held').length;
  if (waiting > 0) parts.push(piece(`${counted(waiting, 'message')} waiting`, 'warning'));
  const failed = kinds.filter((kind) => kind === 'failed').length;
  if (failed > 0) parts.push(piece(`${failed} not sent`, 'error'));
  return parts;
}

function whereIn({ seat, seq }: Room): string {
  switch (seat) {
    case 'joined':
      return ` #${seq}`;
    case 'leaving':
      return ' (leaving)';
    case 'gone':
      return ' (seat gone)';
    default:
      return ' (joining)';
  }
}

function roundTripPart({ link, roundTrip }: ChatState): Piece[] {
  if (link.kind !== 'live' || roundTrip.lastMs === undefined) return [];
  return [piece(`${roundTrip.lastMs < 10 ? roundTrip.lastMs.toFixed(1) : Math.round(roundTrip.lastMs)} ms`, 'faint')];
}

function counter(state: ChatState): Piece | undefined {
  const bytes = typedBytes(state);
  const { maxContentBytes } = state.limits;
  if (bytes < maxContentBytes * NEAR_THE_LIMIT) return undefined;
  const tone: Tone = bytes > maxContentBytes ? 'error' : 'warning';
  const text = `${bytes}/${maxContentBytes}`;
  return piece(cellsOf(text) < 20 ? text : '', tone);
}
