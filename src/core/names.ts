import type { Reason, Refusal } from './errors.ts';

/** The rules for texts of a client: the contract's table of limits. */

const CATEGORY_C = /\p{C}/u;
const PRINTABLE_ASCII = /^[\x21-\x7e]{1,64}$/;
/** What becomes one byte of a name in NFC was at most 1.5 UTF-16 units before, in the whole of Unicode 17. */
const MOST_UNITS_A_BYTE = 2;

type Kind = 'room' | 'user_id' | 'display_name';
const REASON: Record<Kind, Reason> = { room: 'invalid_room', user_id: 'invalid_user', display_name: 'invalid_name' };

/**
 * Normalises a room, user id or display name to NFC, or says what is wrong with
 * it. What can't be short enough is not normalised: in bad order, 16 KiB of
 * combining marks take 90 ms, and every other client waits.
 */
export function checkName(kind: Kind, value: string, maxBytes: number): string | Refusal {
  const reason = REASON[kind];
  if (value === '') return { reason, message: `${kind} is missing` };
  if (value.length > MOST_UNITS_A_BYTE * maxBytes) {
    return { reason, message: `${kind} has ${value.length} characters, at most ${maxBytes} bytes are allowed` };
  }
  const name = value.normalize('NFC');
  const bytes = Buffer.byteLength(name);
  if (bytes > maxBytes) return { reason, message: `${kind} has ${bytes} bytes, at most ${maxBytes} are allowed` };
  if (CATEGORY_C.test(name)) return { reason, message: `${kind} holds control, format or unassigned characters` };
  return name;
}

/** Whether what a client says is this name, which is in NFC. */
export function isNameOf(said: string, name: string): boolean {
  if (said === name) return true;
  return said.length <= MOST_UNITS_A_BYTE * Buffer.byteLength(name) && said.normalize('NFC') === name;
}

/** Refuses an id that is neither empty nor 1 to 64 characters of ASCII 0x21-0x7e. */
export function checkId(field: string, value: string): Refusal | undefined {
  if (value === '' || PRINTABLE_ASCII.test(value)) return undefined;
  return { reason: 'invalid_id', message: `${field} must be at most 64 printable ASCII characters without spaces` };
}

/** Refuses what cannot be said: nothing, or too much. All else is delivered as it came; terminals are the client's concern. */
export function checkContent(value: string, maxBytes: number): Refusal | undefined {
  if (value === '') return { reason: 'empty_message', message: 'a message needs content' };
  const bytes = Buffer.byteLength(value);
  if (bytes <= maxBytes) return undefined;
  return { reason: 'message_too_long', message: `the message has ${bytes} bytes, at most ${maxBytes} are allowed` };
}
