import type { Dice } from './dice.ts';
import { contentOf, fieldsIn, holding } from './fields.ts';

/** What becomes of an envelope; `other` is one to take parts from. */
type Mutation = (bytes: Buffer, dice: Dice, other: Buffer) => Buffer;

/** Tags of groups of fields 1, 9 and 15. */
const GROUPS = [0x0b, 0x4b, 0x7b] as const;
const ODD_BYTES = [0, 1, 7, 0x0b, 0x0c, 0x7f, 0x80, 0xff] as const;
/** No text is any of these in UTF-8. */
const NO_TEXT = ['ff', 'c0af', 'eda080', 'f4908080', 'f09fa6', '80'] as const;
const LONG_VARINTS = [
  'ffffffffff7f',
  'ffffffffffffffffff01',
  'ffffffffffffffffffff01',
  '80808080808080808000',
] as const;
const DEEPEST = 20_000;

const flipBits: Mutation = (bytes, dice) => {
  const flipped = Buffer.from(bytes);
  for (let times = 1 + dice.below(4); times > 0 && flipped.length > 0; times--) {
    const at = dice.below(flipped.length);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << dice.below(8)), at);
  }
  return flipped;
};

const oddByte: Mutation = (bytes, dice) => {
  const odd = Buffer.from(bytes);
  if (odd.length > 0) odd.writeUInt8(dice.pick(ODD_BYTES), dice.below(odd.length));
  return odd;
};

const wrongWireType: Mutation = (bytes, dice) => {
  const wrong = Buffer.from(bytes);
  if (wrong.length > 0) wrong.writeUInt8((wrong.readUInt8(0) & ~7) | dice.below(8), 0);
  return wrong;
};

const truncate: Mutation = (bytes, dice) => bytes.subarray(0, dice.below(bytes.length + 1));
const insert = (bytes: Buffer, at: number, what: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);

const insertBytes: Mutation = (bytes, dice) =>
  insert(bytes, dice.below(bytes.length + 1), dice.bytes(1 + dice.below(16)));

const insertLongVarint: Mutation = (bytes, dice) =>
  insert(bytes, dice.below(bytes.length + 1), Buffer.from(dice.pick(LONG_VARINTS), 'hex'));

/** An unknown field, which is passed over, or a known one that is given a number. */
const appendLongNumber: Mutation = (bytes, dice) =>
  Buffer.concat([bytes, Buffer.of(dice.pick([0x48, 0x70, 0x50])), Buffer.from(dice.pick(LONG_VARINTS), 'hex')]);

const splice: Mutation = (bytes, dice, other) =>
  Buffer.concat([bytes.subarray(0, dice.below(bytes.length + 1)), other.subarray(dice.below(other.length + 1))]);

const bothArms: Mutation = (bytes, _, other) => Buffer.concat([bytes, other]);

const nest: Mutation = (bytes, dice) => {
  const depth = dice.chance(0.1) ? DEEPEST : dice.below(120);
  const tag = dice.pick(GROUPS);
  const opened = Buffer.alloc(depth, tag);
  return Buffer.concat([bytes, opened, Buffer.alloc(dice.chance(0.7) ? depth : dice.below(depth + 1), tag + 1)]);
};

/** Sets to work on fields, those of the envelope or of its arm, and leaves a message that holds together. */
const onFields =
  (change: (fields: Buffer[], dice: Dice) => Buffer[]): Mutation =>
  (bytes, dice) => {
    const fields = fieldsIn(bytes);
    const [arm, ...rest] = fields ?? [];
    if (fields === undefined || arm === undefined) return bytes;
    const inner = dice.chance(0.9) ? fieldsIn(contentOf(arm) ?? Buffer.alloc(0)) : undefined;
    if (inner === undefined || inner.length === 0) return Buffer.concat(change(fields, dice));
    return Buffer.concat([holding(arm, Buffer.concat(change(inner, dice))), ...rest]);
  };

const duplicate = onFields((fields, dice) => [...fields, fields[dice.below(fields.length)] ?? Buffer.alloc(0)]);
const drop = onFields((fields, dice) => fields.toSpliced(dice.below(fields.length), 1));
const reorder = onFields((fields) => fields.toReversed());
const renumber = onFields((fields, dice) => {
  const at = dice.below(fields.length);
  return fields.map((field, i) => {
    if (i !== at) return field;
    const renumbered = Buffer.from(field);
    renumbered.writeUInt8(((1 + dice.below(15)) << 3) | ((field[0] ?? 0) & 7), 0);
    return renumbered;
  });
});
const noText = onFields((fields, dice) => {
  const at = dice.below(fields.length);
  const bad = Buffer.from(dice.pick(NO_TEXT), 'hex');
  return fields.map((field, i) => (i === at && contentOf(field) !== undefined ? holding(field, bad) : field));
});
const otherText = onFields((fields, dice) => {
  const at = dice.below(fields.length);
  const text = Buffer.from(dice.pick(['a', '\u0301', '\u202e', '\ufb2c', '\u{e0041}']).repeat(dice.below(60)));
  return fields.map((field, i) => (i === at && contentOf(field) !== undefined ? holding(field, text) : field));
});

/** These mostly leave something that decodes, and is to be handled. */
const GENTLE: readonly [Mutation, ...Mutation[]] = [
  (bytes) => bytes,
  bothArms,
  duplicate,
  drop,
  reorder,
  renumber,
  otherText,
];
const WILD: readonly [Mutation, ...Mutation[]] = [
  flipBits,
  oddByte,
  wrongWireType,
  truncate,
  insertBytes,
  insertLongVarint,
  appendLongNumber,
  splice,
  nest,
  noText,
  () => Buffer.alloc(0),
  (_, dice) => dice.bytes(dice.below(64)),
];

/** An envelope that went wrong in one to three ways. */
export function mutated(bytes: Buffer, dice: Dice, other: Buffer): Buffer {
  // Behind what does not decode nothing is handled: most are to be gentle, or little would be.
  const mutations = dice.chance(0.85) ? GENTLE : WILD;
  let result = bytes;
  for (let times = dice.pick([1, 1, 1, 2, 3]); times > 0; times--) result = dice.pick(mutations)(result, dice, other);
  return result;
}
