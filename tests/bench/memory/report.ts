import { inColumns } from '../table.ts';
import type { Holding } from './holdings.ts';
import { type Owner, ownerOf } from './owner.ts';

const MOST_ROWS = 24;
/** Of a row, as many things as are told. */
const MOST_THINGS = 6;
const LEAST_BYTES = 8;
/** What there is less of for each is the process's, which still makes something for the first time now and then. */
const LEAST_COUNT = 0.2;
/** Code and the shapes of objects grow as a process warms up, and not with what is in it. */
const OF_THE_PROCESS: ReadonlySet<string> = new Set(['code', 'object shape', 'system / WeakArrayList']);
const OWNERS: readonly Owner[] = ['nghttp2', 'node', 'grpc-js', 'this server'];

/** What one of something consists of: a line of whose it is, and a table of the objects that have the most. */
export function composition(grown: readonly Holding[]): string {
  const told = grown.filter(isOfEach);
  const byOwner = Map.groupBy(told, ({ owner }) => owner);
  const rows = [...byOwner].map(([name, things]) => ({ name, things, bytes: sum(things) }));
  const shown = rows.toSorted((a, b) => b.bytes - a.bytes).filter(({ bytes }) => bytes >= LEAST_BYTES);
  const sums = OWNERS.map((owner) => `${owner} ${figure(sum(told.filter((one) => ownerOf(one.owner) === owner)))}`);
  const most = shown.slice(0, MOST_ROWS);
  const columns = inColumns([
    ['hanging on', 'whose', 'bytes'],
    ...most.map(({ name, bytes }) => [name, ownerOf(name), figure(bytes)]),
  ]).split('\n');
  const ofWhich = ['of which', ...most.map(({ name, things }) => thingsIn(name, things))];
  const lines = columns.map((row, i) => `  ${row}  ${ofWhich[i]}`);
  return [`  ${figure(sum(told))} bytes: ${sums.join(', ')}`, ...lines].join('\n');
}

/** A number of bytes without fractions, in groups of three digits. */
export function figure(bytes: number): string {
  return Math.round(bytes).toLocaleString('en-US');
}

function isOfEach({ owner, thing, count }: Holding): boolean {
  // The tables of maps grow without becoming more; so does what Node has of WebAssembly, once.
  const isTable = thing === 'array' && ownerOf(owner) !== 'node';
  return !OF_THE_PROCESS.has(thing) && (isTable || Math.abs(count) >= LEAST_COUNT);
}

function thingsIn(owner: string, things: readonly Holding[]): string {
  const largest = things.toSorted((a, b) => b.bytes - a.bytes).filter(({ bytes }) => bytes >= LEAST_BYTES);
  return largest
    .slice(0, MOST_THINGS)
    .map(({ thing, count, bytes }) => {
      const name = thing === owner ? 'itself' : thing.replace('system / ', '');
      return `${count < 1.5 ? '' : `${Math.round(count)} `}${name} ${figure(bytes)}`;
    })
    .join(', ');
}

function sum(holdings: readonly Holding[]): number {
  return holdings.reduce((total, { bytes }) => total + bytes, 0);
}
