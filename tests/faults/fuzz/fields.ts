/** Fields of a message as the bytes they are, tags included; undefined when they do not come out even. */
export function fieldsIn(bytes: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const begin = at;
    const type = (bytes[at] ?? 0) & 7;
    at = behindVarint(bytes, at);
    if (type === 0) at = behindVarint(bytes, at);
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) at = behindVarint(bytes, at) + varintAt(bytes, at);
    else return undefined;
    if (at > bytes.length) return undefined;
    fields.push(bytes.subarray(begin, at));
  }
  return fields;
}

/** What a length-delimited field holds; undefined when it is none. */
export function contentOf(field: Buffer): Buffer | undefined {
  if (((field[0] ?? 0) & 7) !== 2) return undefined;
  return field.subarray(behindVarint(field, behindVarint(field, 0)));
}

/** The field with something else in it, of the right length. */
export function holding(field: Buffer, content: Uint8Array): Buffer {
  return Buffer.concat([field.subarray(0, behindVarint(field, 0)), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function behindVarint(bytes: Buffer, at: number): number {
  let end = at;
  while ((bytes[end] ?? 0) >= 0x80) end += 1;
  return end + 1;
}

function varintAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at, shift = 0; shift < 28; i++, shift += 7) {
    const byte = bytes[i] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return Number.POSITIVE_INFINITY;
}
