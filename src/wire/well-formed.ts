import { isUtf8 } from 'node:buffer';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** What is looked into in a message, by field number; all else is passed over. */
interface Shape {
  readonly texts: readonly number[];
  readonly messages?: { readonly [fieldNumber: number]: Shape };
}

/** `ClientEnvelope`. Its arms: join, chat, leave, history, members, heartbeat, hello. */
const ENVELOPE: Shape = {
  texts: [10, 11],
  messages: {
    1: { texts: [1, 2, 3], messages: { 4: { texts: [1] } } },
    2: { texts: [1, 2, 3, 5, 7, 8] },
    3: { texts: [1, 2] },
    4: { texts: [1, 2] },
    5: { texts: [1, 3] },
    6: { texts: [] },
    7: { texts: [1, 2, 3, 4] },
  },
};

/**
 * Throws where bytes are not the encoding of a `ClientEnvelope`. What ts-proto
 * 2.18 generates is more lenient: at field number 0 or a stray end of a group it
 * stops and silently drops the rest, an inner field may reach beyond its message,
 * and text that is not UTF-8 is altered; so a command could be acted on that
 * nobody sent.
 */
export function assertWellFormed(bytes: Uint8Array, { texts, messages }: Shape = ENVELOPE): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [fieldNumber, type] = reader.tag();
    if (type === WireType.EndGroup) throw new RangeError('a group ends that did not begin');
    const inner = messages?.[fieldNumber];
    if (type !== WireType.LengthDelimited) reader.skip(type, fieldNumber);
    else if (inner !== undefined) assertWellFormed(reader.bytes(), inner);
    else if (!texts.includes(fieldNumber)) reader.skip(type, fieldNumber);
    else if (!isUtf8(reader.bytes())) throw new RangeError('text that is not UTF-8');
  }
}
