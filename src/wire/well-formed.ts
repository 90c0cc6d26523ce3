import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** The messages in a message, by field number; all other fields are not looked into. */
interface Shape {
  readonly [fieldNumber: number]: Shape;
}

const LEAF: Shape = {};
/** `ClientEnvelope`: the seven arms of its oneof, and the position in a join. */
const ENVELOPE: Shape = { 1: { 4: LEAF }, 2: LEAF, 3: LEAF, 4: LEAF, 5: LEAF, 6: LEAF, 7: LEAF };

/**
 * Throws where bytes are not the encoding of a `ClientEnvelope`. What ts-proto
 * 2.18 generates is more lenient: at field number 0 or a stray end of a group it
 * stops and silently drops the rest, and an inner field may reach beyond its
 * message; so a command could be acted on that nobody sent.
 */
export function assertWellFormed(bytes: Uint8Array, shape: Shape = ENVELOPE): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [fieldNumber, type] = reader.tag();
    if (type === WireType.EndGroup) throw new RangeError('a group ends that did not begin');
    const inner = type === WireType.LengthDelimited ? shape[fieldNumber] : undefined;
    if (inner === undefined) reader.skip(type, fieldNumber);
    else assertWellFormed(reader.bytes(), inner);
  }
}
