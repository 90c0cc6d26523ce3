import { expect, test } from 'vitest';
import { render } from '../../../../cli/plain/render.ts';
import { printable } from '../../../../cli/terminal/printable.ts';

interface Case {
  readonly what: string;
  readonly text: string;
  readonly shown: string;
}

test.each<Case>([
  { what: 'plain words', text: 'hello, world', shown: 'hello, world' },
  { what: 'other scripts and emoji', text: 'żółw 日本 שלום 👩‍🚀', shown: 'żółw 日本 שלום 👩‍🚀' },
  { what: 'a colour', text: '\u001b[31mred\u001b[0m', shown: '␛[31mred␛[0m' },
  { what: 'a window title', text: '\u001b]0;root\u0007', shown: '␛]0;root␇' },
  { what: 'a colour in one C1 character', text: '\u009b31mred', shown: '\ufffd31mred' },
  { what: 'a line end that would fake a line', text: 'hi\r\n12:00:00 bob: yes', shown: 'hi␍␊12:00:00 bob: yes' },
  { what: 'a tab', text: 'a\tb', shown: 'a␉b' },
  { what: 'NUL', text: 'a\u0000b', shown: 'a␀b' },
  { what: 'backspace and DEL', text: 'a\b\u007f', shown: 'a␈␡' },
  { what: 'next line, C1', text: 'a\u0085b', shown: 'a\ufffdb' },
  { what: 'bidi override', text: 'a\u202etxt.exe\u202c', shown: 'a\ufffdtxt.exe\ufffd' },
  { what: 'bidi isolates', text: '\u2066a\u2069', shown: '\ufffda\ufffd' },
  { what: 'bidi marks', text: '\u200ea\u200fb\u061c', shown: '\ufffda\ufffdb\ufffd' },
  { what: 'line and paragraph separator', text: 'a\u2028b\u2029c', shown: 'a\ufffdb\ufffdc' },
  { what: 'half a surrogate pair', text: 'a\ud83db', shown: 'a\ufffdb' },
])('$what', ({ text, shown }) => {
  expect(printable(text)).toBe(shown);
});

test('nothing that a peer says reaches the terminal as a control character', () => {
  const evil = '\u001b[2J\n\u202e';
  const common = { room: evil, userId: evil, displayName: evil, seq: 1n, at: new Date(0) };
  const lines = [
    render({ kind: 'message', content: evil, messageId: evil, ...common }),
    render({ kind: 'member_joined', ...common }),
    render({ kind: 'member_left', reason: 'lost', ...common }),
    render({ kind: 'notice', room: evil, seq: 0n, text: evil, joinedCount: 0, leftCount: 0 }),
    render({ kind: 'gap', room: evil, epoch: evil, fromSeq: 1n, toSeq: 2n }),
    render({ kind: 'removed', room: evil, reason: 'slow_consumer' }),
    render({ kind: 'draining', reconnectAfterMs: 1 }),
  ];
  for (const line of lines) expect(line).not.toMatch(/\p{Cc}|\u202e/u);
});
