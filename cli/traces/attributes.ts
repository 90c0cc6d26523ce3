import type { AnyValue, KeyValue } from '../../api/gen/opentelemetry/proto/common/v1/common.ts';
import type { Attributes, AttributeValue } from './received.ts';

/** What is kept of one thing that arrived, so that a stranger cannot fill the memory: characters, attributes, depth. */
const MOST_CHARACTERS = 4096;
const MOST_ATTRIBUTES = 128;
const DEEPEST = 4;

export function attributesOf(pairs: readonly KeyValue[]): Attributes {
  return Object.fromEntries(
    pairs.slice(0, MOST_ATTRIBUTES).map(({ key, value }) => [bounded(key), attributeValue(value)]),
  );
}

/** A number where it is one exactly; lists and maps as text. */
export function attributeValue(any: AnyValue | undefined): AttributeValue {
  const value = any?.value;
  switch (value?.$case) {
    case 'boolValue':
    case 'doubleValue':
      return value.value;
    case 'intValue':
      return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : `${value.value}`;
    default:
      return textOf(any, DEEPEST);
  }
}

export function bounded(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

function textOf(any: AnyValue | undefined, depth: number): string {
  const value = any?.value;
  if (value === undefined) return '';
  if (depth === 0) return '…';
  switch (value.$case) {
    case 'stringValue':
      return bounded(value.value);
    case 'bytesValue':
      return bounded(value.value.subarray(0, MOST_CHARACTERS).toString('hex'));
    case 'arrayValue':
      return bounded(`[${partsOf(value.value.values, (item) => textOf(item, depth - 1))}]`);
    case 'kvlistValue':
      return bounded(`{${partsOf(value.value.values, (pair) => `${pair.key}=${textOf(pair.value, depth - 1)}`)}}`);
    default:
      return `${value.value}`;
  }
}

function partsOf<T>(items: readonly T[], text: (item: T) => string): string {
  return items.slice(0, MOST_ATTRIBUTES).map(text).join(', ');
}
