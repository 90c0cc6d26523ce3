import { expect, test } from 'vitest';
import { completed, completionOf, nextCompletion } from '../../../../cli/input/completion.ts';
import { EMPTY_DRAFT } from '../../../../cli/input/line-editor.ts';

const VOCABULARY = { names: ['ana', 'Anton', 'bob', '李雷'], rooms: ['general', 'attic', 'games'] };

/** What Tab, pressed so often, makes of what is typed; the cursor is a `|`. */
function tabbed(shown: string, presses = 1, way: 'back' | 'forward' = 'forward'): string | undefined {
  const draft = { ...EMPTY_DRAFT, text: shown.replace('|', ''), cursor: shown.indexOf('|') };
  let completion = completionOf(draft, VOCABULARY, way);
  for (let press = 1; press < presses; press += 1) completion = completion && nextCompletion(completion, way);
  if (completion === undefined) return undefined;
  const { text, cursor } = completed(draft, completion);
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

test.each([
  { typed: 'bo|', to: 'bob: |' },
  { typed: 'hi bo|', to: 'hi bob |' },
  { typed: 'hi @bo|', to: 'hi @bob |' },
  { typed: 'hi B|', to: 'hi bob |' },
  { typed: '李|', to: '李雷: |' },
  { typed: 'see bo| there', to: 'see bob | there' },
  { typed: '/jo|', to: '/join |' },
  { typed: '/q|', to: '/quit|' },
  { typed: '/join a|', to: '/join attic|' },
  { typed: '/leave ge|', to: '/leave general|' },
  { typed: 'hi |', to: undefined },
  { typed: 'zz|', to: undefined },
  { typed: '/zz|', to: undefined },
])('$typed becomes $to', ({ typed, to }) => {
  expect(tabbed(typed)).toBe(to);
});

test('pressed again, the next one comes, and after the last the first', () => {
  expect([1, 2, 3].map((presses) => tabbed('hi an|', presses))).toEqual(['hi Anton |', 'hi ana |', 'hi Anton |']);
  expect(tabbed('hi an|', 1, 'back')).toBe('hi ana |');
  expect([1, 2, 3, 4].map((presses) => tabbed('/join |', presses))).toEqual([
    '/join attic|',
    '/join games|',
    '/join general|',
    '/join attic|',
  ]);
});
