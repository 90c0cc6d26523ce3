import { cellsOf, wrapped } from '../../terminal/cells.ts';
import { drawable } from '../../terminal/drawable.ts';
import { fittedLine, type Line, piece, type Tone } from '../../terminal/line.ts';
import type { Item, MessageEntry, NoteEntry, Outgoing, PresenceEntry } from '../entry.ts';
import { moveWords, seconds } from '../words.ts';
import { person } from './person.ts';

/** Below so many cells, the time is left out. */
const CELLS_FOR_THE_TIME = 36;
/** Moves of a run that are told by name. */
const FEW_MOVES = 3;

export interface Surroundings {
  readonly columns: number;
  /** The item is the first of its day in the pane. */
  readonly isNewDay: boolean;
  /** Unread begins here. */
  readonly isFirstUnread: boolean;
  /** Who types here. */
  readonly displayName: string;
  readonly userId: string;
  /** To the second, for what waits; undefined for what does not. */
  readonly nowMs: number | undefined;
}

/** An item as rows of the pane, with the lines that stand in front of it. */
export function itemRows(item: Item, surroundings: Surroundings): Line[] {
  const { columns, isNewDay, isFirstUnread } = surroundings;
  return [
    ...(isNewDay ? [divider(dayOf(item.atMs), columns, 'faint')] : []),
    ...(isFirstUnread ? [divider('new', columns, 'warning')] : []),
    ...ownRows(item, surroundings),
  ];
}

export function isSameDay(oneMs: number, otherMs: number): boolean {
  return new Date(oneMs).toDateString() === new Date(otherMs).toDateString();
}

function ownRows(item: Item, surroundings: Surroundings): Line[] {
  const { columns } = surroundings;
  switch (item.kind) {
    case 'message':
      return messageRows(item, columns);
    case 'outgoing':
      return outgoingRows(item, surroundings);
    case 'presence':
      return [fittedLine([...front(' ', item.atMs, columns), piece(presenceWords(item), 'faint')], columns)];
    case 'note':
      return noteRows(item, columns);
  }
}

/** A mark of one cell, and the time where there is room for it. */
function front(mark: string, atMs: number, columns: number, tone: Tone = 'faint'): Line {
  const time = columns < CELLS_FOR_THE_TIME ? [] : [piece(`${clock(atMs)} `, 'faint')];
  return [piece(`${mark} `, tone), ...time];
}

function messageRows({ isOwn, atMs, displayName, userId, content }: MessageEntry, columns: number): Line[] {
  const first = [
    ...front(isOwn ? '›' : ' ', atMs, columns, 'strong'),
    person({ displayName, userId }, nameCells(columns)),
    piece(': '),
  ];
  return hung(first, content, columns, 'plain');
}

function outgoingRows({ delivery, atMs, content }: Outgoing, surroundings: Surroundings): Line[] {
  const { columns, displayName, userId, nowMs = 0 } = surroundings;
  const isFailed = delivery.kind === 'failed';
  const mark = isFailed ? '!' : delivery.kind === 'acked' ? '›' : '…';
  const tone = isFailed ? 'error' : delivery.kind === 'acked' ? 'plain' : 'faint';
  const first = [...front(mark, atMs, columns, tone), person({ displayName, userId }, nameCells(columns)), piece(': ')];
  const rows = hung(first, content, columns, isFailed ? 'plain' : tone);
  switch (delivery.kind) {
    case 'pending':
    case 'acked':
      return rows;
    case 'held': {
      const wait = seconds(delivery.untilMs - nowMs);
      return [...rows, ...indented(`too fast for the server; goes out in ${wait}`, columns, 'warning')];
    }
    case 'failed':
      return [
        ...rows,
        ...indented(`not sent: ${delivery.why}. Ctrl+R sends it again, Ctrl+X drops it`, columns, 'error'),
      ];
  }
}

/** A name takes a third of the row at most. */
function nameCells(columns: number): number {
  return Math.max(6, Math.floor(columns / 3));
}

function noteRows({ text, tone, atMs }: NoteEntry, columns: number): Line[] {
  const shown: Tone = tone === 'plain' ? 'faint' : tone;
  return hung(front('*', atMs, columns, shown), text, columns, shown);
}

/** Text behind its front, wrapped; what wraps stands below where the name begins. */
function hung(first: Line, text: string, columns: number, tone: Tone): Line[] {
  const taken = first.reduce((sum, { text }) => sum + cellsOf(text), 0);
  const hang = columns < CELLS_FOR_THE_TIME ? 2 : 8;
  // A blank in the width of the front makes the first row break where it must.
  const lines = linesOf(text);
  const blanks = '\u00a0'.repeat(Math.max(0, taken - hang));
  const rows = wrapped(`${blanks}${lines}`, columns - hang);
  return rows.map((row, index) =>
    index === 0
      ? fittedLine([...first, { text: row.slice(blanks.length), tone }], columns)
      : [piece(' '.repeat(hang)), { text: row, tone }],
  );
}

function indented(text: string, columns: number, tone: Tone): Line[] {
  const hang = columns < CELLS_FOR_THE_TIME ? 2 : 8;
  return wrapped(linesOf(text), columns - hang).map((row) => [piece(' '.repeat(hang)), { text: row, tone }]);
}

/** What may break lines: line ends of the text alone; a tab is some blanks. */
function linesOf(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => drawable(line.replaceAll('\t', '    ')))
    .join('\n');
}

function presenceWords({ moves, joined, left }: PresenceEntry): string {
  if (joined + left <= FEW_MOVES) return moves.map(moveWords).join(', ');
  const parts = [joined > 0 ? `${joined} joined` : '', left > 0 ? `${left} left` : ''].filter((part) => part !== '');
  const names = [...new Set(moves.toReversed().map(({ displayName }) => displayName))];
  return `${parts.join(', ')}: ${names.join(', ')}`;
}

function divider(text: string, columns: number, tone: Tone): Line {
  const line = '─'.repeat(Math.max(0, Math.floor((columns - cellsOf(text) - 2) / 2)));
  return fittedLine([piece(`${line} ${text} ${line}`, tone)], columns);
}

function clock(atMs: number): string {
  return new Date(atMs).toTimeString().slice(0, 5);
}

function dayOf(atMs: number): string {
  return new Date(atMs).toDateString();
}
