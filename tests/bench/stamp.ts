/**
 * What the content of each message begins with: when it was sent, by which
 * sender, and its number among the messages of that sender. Fixed in width, so
 * that a sender patches bytes instead of building text; six bits a character
 * from `0` on, so that it is ASCII and is read with shifts.
 */

const ZERO = 0x30;
const BITS = 6;

const MICROS_WIDTH = 7; // 42 bits: 50 days
const SENDER_WIDTH = 2;
const NUMBER_WIDTH = 5; // 30 bits
const SENDER_AT = MICROS_WIDTH;
const NUMBER_AT = SENDER_AT + SENDER_WIDTH;

export const STAMP_BYTES = NUMBER_AT + NUMBER_WIDTH;
export const MAX_SENDERS = 1 << (BITS * SENDER_WIDTH);

/** @param micros since the start of this process. */
export function writeStamp(bytes: Uint8Array, at: number, micros: number, sender: number, number: number): void {
  const high = Math.floor(micros / 2 ** 30);
  write(bytes, at, 2, high);
  write(bytes, at + 2, 5, Math.floor(micros) - high * 2 ** 30);
  write(bytes, at + SENDER_AT, SENDER_WIDTH, sender);
  write(bytes, at + NUMBER_AT, NUMBER_WIDTH, number);
}

export function microsOf(bytes: Uint8Array, at: number): number {
  return read(bytes, at, 2) * 2 ** 30 + read(bytes, at + 2, 5);
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
