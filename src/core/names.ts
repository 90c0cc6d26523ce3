import type { Reason, Refusal } from './errors.ts';

const CATEGORY_C = /\p{C}/u;
const PRINTABLE_ASCII = /^[\x21-\x7e]{1,64}$/;

type Kind = 'room' | 'user_id' | 'display_name';
const REASON: Record<Kind, Reason> = { room: 'invalid_room', user_id: 'invalid_user', display_name: 'invalid_name' };

/** Normalises a room, user id or display name to NFC, or says what is wrong with it. */
export function checkName(kind: Kind, value: string, maxBytes: number): string | Refusal {
  const reason = REASON[kind];
  if (value === '') return { reason, message: `${kind} is missing` };
  const name = value.normalize('NFC');
  const bytes = Buffer.byteLength(name);
  if (bytes > maxBytes) return { reason, message: `${kind} has ${bytes} bytes, at most ${maxBytes} are allowed` };
  if (CATEGORY_C.test(name)) return { reason, message: `${kind} holds control, format or unassigned characters` };
  return name;
}

/** Refuses an id that is neither empty nor 1 to 64 characters of ASCII 0x21-0x7e. */
export function checkId(field: string, value: string): Refusal | undefined {
  if (value === '' || PRINTABLE_ASCII.test(value)) return undefined;
  return { reason: 'invalid_id', message: `${field} must be at most 64 printable ASCII characters without spaces` };
}
