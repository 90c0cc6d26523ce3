import { describe, expect, test } from 'vitest';
import { type ServerFlags, serverOf } from '../../../cli/commands/security.ts';
import type { Surroundings } from '../../../cli/commands/surroundings.ts';
import { authority } from '../../support/certificates.ts';

const FLAGS = { ca: '--ca', cert: '--cert', key: '--key', tokenFile: '--token-file' } as const;
type Flag = keyof typeof FLAGS;

/** What is complained of when a flag, or its variable, is given this. */
function complaintOf(flag: Flag, value: string): string {
  const lines: string[] = [];
  const surroundings = { environment: {}, complain: (line: string) => lines.push(line) };
  const flags: ServerFlags = { host: '127.0.0.1', port: 1, [flag]: value };
  expect(serverOf(flags, surroundings as unknown as Surroundings)).toBe(64);
  return lines.join('\n');
}

describe.each(Object.entries(FLAGS) as [Flag, string][])('what was given to %s', (flag, name) => {
  const { cert, key } = authority().issue();
  const inside: readonly { readonly what: string; readonly value: string }[] = [
    { what: 'a key', value: key },
    { what: 'a key of one line', value: key.replaceAll('\n', '') },
    { what: 'a key behind a line break', value: `\n${key}` },
    { what: 'a certificate', value: cert },
    { what: 'a JWT', value: `eyJhbGciOiJIUzI1NiJ9.${'secret'.repeat(9)}.sig` },
    { what: 'JSON', value: ' {"k":"secret"}' },
    { what: 'several lines', value: 'se\ncret' },
    { what: 'several lines of Windows', value: 'se\rcret' },
    { what: 'more than a path has', value: `${'s'.repeat(201)}` },
  ];

  test.each(inside)('is not shown when it is $what', ({ value }) => {
    expect(complaintOf(flag, value)).toBe(`${name} must be the path of a file; what was given is not shown`);
  });

  test.each(['not-there.pem', './ey', `/${'s'.repeat(199)}`, 'a path with spaces'])('is shown: %s', (path) => {
    expect(complaintOf(flag, path)).toBe(`${name} ${path} cannot be read: ENOENT`);
  });
});
