/**
 * What the content of each message begins with: of which run it is, when it was
 * due, by which sender, and its number among the messages of that sender. Fixed
 * in width; six bits a character from `0` on, so that it is ASCII and is read with
 * shifts.
 */

const ZERO = 0x30;
const BITS = 6;

const RUN_WIDTH = 4;
const MICROS_WIDTH = 7; // 42 bits: 50 days
const SENDER_WIDTH = 3; // 18 bits: 262,144
const NUMBER_WIDTH = 5; // 30 bits
const MICROS_AT = RUN_WIDTH;
const SENDER_AT = MICROS_AT + MICROS_WIDTH;
const NUMBER_AT = SENDER_AT + SENDER_WIDTH;

export const STAMP_BYTES = NUMBER_AT + NUMBER_WIDTH;

export interface Stamp {
  /** See `runMark`. */
  readonly run: number;
  /** Whole microseconds of the run's clock. */
  readonly dueMicros: number;
  readonly sender: number;
  readonly number: number;
}

export function writeStamp(bytes: Buffer, at: number, { run, dueMicros, sender, number }: Stamp): void {
  const high = Math.floor(dueMicros / 2 ** 30);
  bytes.writeUInt32BE(run, at);
  write(bytes, at + MICROS_AT, 2, high);
  write(bytes, at + MICROS_AT + 2, 5, dueMicros - high * 2 ** 30);
  write(bytes, at + SENDER_AT, SENDER_WIDTH, sender);
  write(bytes, at + NUMBER_AT, NUMBER_WIDTH, number);
}

/** Whether a stamp of this run is there. */
export function isOfRun(bytes: Buffer, at: number, run: number): boolean {
  return bytes.readUInt32BE(at) === run;
}

/** Four characters of ASCII as a number, which is faster to compare. */
export function runMark(run: string): number {
  return Buffer.from(run, 'latin1').readUInt32BE();
}

export function dueMicrosOf(bytes: Uint8Array, at: number): number {
  return read(bytes, at + MICROS_AT, 2) * 2 ** 30 + read(bytes, at + MICROS_AT + 2, 5);
}

export function senderOf(bytes: Uint8Array, at: number): number {
  return read(bytes, at + SENDER_AT, SENDER_WIDTH);
}

export function numberOf(bytes: Uint8Array, at: number): number {
  return read(bytes, at + NUMBER_AT, NUMBER_WIDTH);
}

function write(bytes: Uint8Array, at: number, width: number, value: number): void {
  for (let i = at + width - 1, rest = value; i >= at; i--, rest >>>= BITS) bytes[i] = ZERO + (rest & 63);
}

function read(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = at; i < at + width; i++) value = (value << BITS) | ((bytes[i] ?? ZERO) - ZERO);
  return value;
}
