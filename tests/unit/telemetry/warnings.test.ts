import { expect, test } from 'vitest';
import { warningsAMinute } from '../../../src/telemetry/warnings.ts';

function warner() {
  const said: string[] = [];
  let nowMs = 0;
  const warn = warningsAMinute(
    (message) => said.push(message),
    () => nowMs,
  );
  return { said, warn, pass: (ms: number) => (nowMs += ms) };
}

test('a complaint is passed on at once, the next after a minute, with how many came between', () => {
  const { said, warn, pass } = warner();
  for (let i = 0; i < 100; i++) warn('no collector');
  expect(said).toEqual(['telemetry: no collector']);
  pass(59_999);
  warn('no collector');
  expect(said).toHaveLength(1);
  pass(1);
  warn('still none');
  expect(said[1]).toBe('telemetry: still none (and 100 other complaints since the last one)');
});

test('an error with a stack becomes its first line, and no line is long', () => {
  const { said, warn, pass } = warner();
  warn(JSON.stringify({ stack: 'Error: 14 UNAVAILABLE: no connection\n    at somewhere (file:1:1)' }));
  pass(60_000);
  warn('x'.repeat(10_000));
  expect(said[0]).toBe('telemetry: Error: 14 UNAVAILABLE: no connection');
  expect(said[1]?.length).toBeLessThan(320);
});
