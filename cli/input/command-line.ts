/** What was typed and sent off with Enter. */
export type Typed =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'words'; readonly content: string }
  | { readonly kind: 'join'; readonly room: string }
  /** `room` is empty for the one that is shown. */
  | { readonly kind: 'leave'; readonly room: string }
  | { readonly kind: 'rooms' }
  | { readonly kind: 'who' }
  /** So many older events. */
  | { readonly kind: 'history'; readonly count: number }
  | { readonly kind: 'clear' }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  /** Not sent, and to be told: what is wrong. */
  | { readonly kind: 'mistake'; readonly text: string };

interface CommandHelp {
  readonly name: string;
  readonly argument: string;
  readonly does: string;
}

/** How many older events /history asks for without a number. */
export const USUAL_HISTORY = 50;

export const COMMANDS: readonly CommandHelp[] = [
  { name: 'join', argument: 'ROOM', does: 'joins a room, or shows it' },
  { name: 'leave', argument: '[ROOM]', does: 'leaves this room, or that one' },
  { name: 'rooms', argument: '', does: 'lists the rooms of the server' },
  { name: 'who', argument: '', does: 'lists who is in this room' },
  { name: 'history', argument: '[COUNT]', does: `shows so many older events, ${USUAL_HISTORY} without a number` },
  { name: 'clear', argument: '', does: 'empties this pane; nothing is lost for others' },
  { name: 'help', argument: '', does: 'shows this' },
  { name: 'quit', argument: '', does: 'leaves all rooms and ends' },
];

/** `//x` is the message `/x`; what else begins with a slash is a command. Line ends at the end of all are nothing. */
export function parsed(typed: string): Typed {
  const text = typed.replace(/\n+$/, '');
  if (text.trim() === '') return { kind: 'nothing' };
  if (!text.startsWith('/')) return { kind: 'words', content: text };
  if (text.startsWith('//')) return { kind: 'words', content: text.slice(1) };
  const [, name = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  return commandOf(name, rest.trim());
}

function commandOf(name: string, argument: string): Typed {
  switch (name) {
    case 'join':
      return argument === '' ? mistake('/join needs a room: /join general') : { kind: 'join', room: argument };
    case 'leave':
      return { kind: 'leave', room: argument };
    case 'history':
      return historyOf(argument);
    case 'rooms':
    case 'who':
    case 'clear':
    case 'help':
    case 'quit':
      return argument === ''
        ? { kind: name }
        : mistake(`/${name} takes nothing behind it; // sends a line that begins with /`);
    default:
      return mistake(`there is no /${name}; /help lists the commands, //${name} sends it as words`);
  }
}

function historyOf(argument: string): Typed {
  if (argument === '') return { kind: 'history', count: USUAL_HISTORY };
  const count = Number(argument);
  if (/^\d+$/.test(argument) && count > 0) return { kind: 'history', count };
  return mistake('/history takes a number: /history 100');
}

function mistake(text: string): Typed {
  return { kind: 'mistake', text };
}
