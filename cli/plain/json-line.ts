import { ChatError } from '../connection/index.ts';

/** What JSON leaves as it is and a terminal that shows it would obey, or show in another order. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A JSON object on a line: the fields as the library has them, 64-bit numbers as
 * numbers, times in ISO 8601, errors as their reason and message. Bytes that
 * would steer a terminal are escaped, which JSON reads as the same text.
 */
export function jsonLine(value: object): string {
  return JSON.stringify(value, plain).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof ChatError) return { reason: value.reason, message: value.message };
  return value;
}
