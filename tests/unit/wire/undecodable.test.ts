import { describe, expect, test } from 'vitest';
import { decodeCommand } from '../../../src/wire/codec.ts';

interface MalformedCase {
  readonly name: string;
  readonly hex: string;
}

/** protoc refuses to decode each of these. */
const MALFORMED: readonly MalformedCase[] = [
  { name: 'a tag without a value', hex: '0a' },
  { name: 'a length beyond the end', hex: '0a050a' },
  { name: 'a length beyond the end of the message around it', hex: '0a020a056162636465' },
  { name: 'a length of eleven bytes', hex: '0affffffffffffffffffff01' },
  { name: 'a truncated length', hex: '0a020aff' },
  { name: 'field number 0', hex: '00' },
  { name: 'field number 0 behind a join', hex: '0a031201610000' },
  { name: 'field number 0 within a join', hex: '0a0312016100' },
  { name: 'wire type 6', hex: '0e' },
  { name: 'wire type 7', hex: '0f' },
  { name: 'a group that ends without a beginning', hex: '0c' },
  { name: 'a group that begins without an end', hex: '0b' },
  { name: 'a fixed-width number cut short', hex: '0d0102' },
  { name: 'groups 8,000 deep without an end', hex: '0b'.repeat(8_000) },
];

describe('bytes that do not decode are told as such, not thrown', () => {
  test.each(MALFORMED)('$name', ({ hex }) => {
    expect(decodeCommand(Buffer.from(hex, 'hex'))).toBeUndefined();
  });
});
