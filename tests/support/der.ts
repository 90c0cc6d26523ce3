/** The few values of ASN.1 that a certificate is made of, in their one encoding (DER, X.690). */
export type Der = Buffer<ArrayBuffer>;

function tagged(tag: number, ...parts: readonly Uint8Array[]): Der {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(bytes: number): Der {
  if (bytes < 0x80) return Buffer.of(bytes);
  return bytes < 0x100 ? Buffer.of(0x81, bytes) : Buffer.of(0x82, bytes >> 8, bytes & 0xff);
}

export const sequence = (...parts: readonly Uint8Array[]) => tagged(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]) => tagged(0x31, ...parts);
export const octets = (bytes: Uint8Array) => tagged(0x04, bytes);
/** @param unused bits at its end. */
export const bits = (bytes: Uint8Array, unused = 0) => tagged(0x03, Buffer.of(unused), bytes);
export const text = (words: string) => tagged(0x0c, Buffer.from(words));
export const TRUE: Der = tagged(0x01, Buffer.of(0xff));
/** What the type names by its number: `[n]` around a value. */
export const wrapped = (n: number, ...parts: readonly Uint8Array[]) => tagged(0xa0 + n, ...parts);
/** `[n]` in the place of the value's own tag. */
export const inPlace = (n: number, bytes: Uint8Array) => tagged(0x80 + n, bytes);

/** Not negative. A first bit that is set would be a sign. */
export function integer(bytes: Uint8Array): Der {
  return tagged(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

/** An object identifier by its dotted numbers. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...others.flatMap(inSevens)]));
}

function inSevens(number: number): number[] {
  const sevens = [number & 0x7f];
  for (let rest = number >> 7; rest > 0; rest >>= 7) sevens.unshift((rest & 0x7f) | 0x80);
  return sevens;
}

/** To the second. Years below 2050 have two digits in a certificate (RFC 5280, 4.1.2.5). */
export function time(at: Date): Der {
  const digits = `${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  return at.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}
