import type { Attributes } from './received.ts';

/** What each span or point of its name has alike, or what the name says already. */
const SAYS_NOTHING_NEW = new Set([
  'messaging.system',
  'messaging.destination.template',
  'messaging.operation.name',
  'messaging.operation.type',
  'rpc.system.name',
  'rpc.system',
]);
const OURS = 'chat.';
const MOST_CHARACTERS = 60;

/** `key=value` for each that tells something, our own first and by their last words. */
export function attributeText(attributes: Attributes): string {
  return Object.entries(attributes)
    .filter(([key]) => !SAYS_NOTHING_NEW.has(key))
    .sort(([a], [b]) => Number(b.startsWith(OURS)) - Number(a.startsWith(OURS)))
    .map(([key, value]) => `${shortened(key.replace(/^chat\.([^.]+\.)?/, ''))}=${shortened(`${value}`)}`)
    .join(' ');
}

function shortened(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
