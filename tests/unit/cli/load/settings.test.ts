import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandOf } from '../../../../cli/load/run/command.ts';
import { beyondLimits } from '../../../../cli/load/run/limits.ts';
import { readScenarioFile } from '../../../../cli/load/scenario-file.ts';
import { scenarioOf } from '../../../../cli/load/settings.ts';
import { shippedScenarios } from '../../../../cli/load/shipped-scenarios.ts';

describe('settings', () => {
  test('mean the same from a flag and from a file', () => {
    const words = {
      clients: '2_000',
      rate: '0.5',
      duration: '1m30s',
      payload: '64:512',
      basic: true,
      expect: ['lost==0'],
    };
    const values = { clients: 2000, rate: 0.5, duration: '90s', payload: '64:512', basic: true, expect: 'lost==0' };
    expect(scenarioOf('x', words)).toEqual(scenarioOf('x', values));
    expect(scenarioOf('x', words)).toMatchObject({
      clients: 2000,
      load: { kind: 'rate', messagesPerSecond: 0.5 },
      durationMs: 90_000,
      payload: { minBytes: 64, maxBytes: 512 },
      clientKind: 'basic',
    });
  });

  test.each([
    { given: { senders: 0 }, load: { kind: 'idle' } },
    { given: { rate: 0 }, load: { kind: 'idle' } },
    { given: { window: 8 }, load: { kind: 'window', messages: 8 } },
    { given: {}, load: { kind: 'rate', messagesPerSecond: 1 } },
  ])('$given: $load', ({ given, load }) => {
    expect(scenarioOf('x', given).load).toEqual(load);
  });

  test.each([
    { given: { clients: 0 }, words: '--clients: must be a whole number from 1 to 200000' },
    { given: { clients: '1e3' }, words: '--clients: must be a whole number from 1 to 200000' },
    { given: { duration: '10' }, words: '--duration: must be a time such as 30s, 1m30s or 250ms, at most 24h' },
    { given: { payload: '8' }, words: /^--payload: must be bytes such as 64 or 64:512, at least 19/ },
    { given: { payload: '512:64' }, words: /^--payload: must be bytes/ },
    { given: { window: 300 }, words: '--window: must be a whole number from 1 to 256' },
    { given: { clinets: 5 }, words: 'there is no setting clinets' },
    { given: { rooms: 9, clients: 5 }, words: '--rooms 9: there are only 5 clients' },
    { given: { clients: 10, rooms: 4, senders: 3 }, words: '--senders 3: more than the 2 of a room' },
    { given: { duration: '1ms' }, words: '--duration: must be 100ms at least' },
    { given: { churn: null }, words: '--churn: must be a number or a text' },
    { given: { basic: 'yes' }, words: '--basic: must be true or false' },
    { given: { rate: 1, window: 1 }, words: '--rate and --window: either a schedule or a window, not both' },
    {
      given: { clients: 10, rooms: 1, senders: 8, slow: 2, frozen: 1 },
      words: '--slow and --frozen: only 2 clients do not send',
    },
    { given: { expect: ['p99<5'] }, words: "--expect 'p99<5': needs us, ms or s" },
  ])('$given is refused', ({ given, words }) => {
    expect(() => scenarioOf('x', given)).toThrow(words);
  });

  test('all that is wrong is told at once', () => {
    expect(() => scenarioOf('x', { clients: 0, seed: 'x' })).toThrow(/--clients.*\n--seed/s);
  });

  test('the command of a report does the same again', () => {
    const given = {
      clients: 50,
      rooms: 5,
      window: 4,
      churn: 1.5,
      basic: true,
      expect: ['p99<50ms'],
      workers: 2,
      seed: 9,
    };
    const scenario = scenarioOf('flags', given);
    const words = commandOf(scenario, [
      ['host', '::1'],
      ['port', 5],
      ['ca', 'my certs/ca.pem'],
    ]);
    expect(words).toContain("--expect 'p99<50ms'");
    expect(words).toContain("--host ::1 --port 5 --ca 'my certs/ca.pem' --clients 50");
    const again: Record<string, unknown> = {};
    for (const [, name = '', value] of words.matchAll(/--([a-z-]+)(?: (?!--)('[^']*'|\S+))?/g)) {
      if (['host', 'port', 'ca'].includes(name)) continue;
      again[name] = name === 'basic' ? true : value?.replaceAll("'", '');
    }
    expect(scenarioOf('flags', again)).toEqual(scenario);
  });
});

describe('a scenario file', () => {
  test.each(shippedScenarios())('%s is shipped, and can be run', (name) => {
    const { settings, description } = readScenarioFile(name);
    expect(description).not.toBe('');
    expect(scenarioOf(name, settings).clients).toBeGreaterThan(1);
  });

  function written(source: string): string {
    const path = join(mkdtempSync(join(tmpdir(), 'chat-grpc-scenario-')), 'mine.yaml');
    writeFileSync(path, source);
    return path;
  }

  test('of your own has its name from the file', () => {
    expect(readScenarioFile(written('clients: 7\nexpect:\n  - p99<5ms\n'))).toEqual({
      name: 'mine',
      description: '',
      settings: { clients: 7, expect: ['p99<5ms'] },
    });
  });

  test.each([
    { source: 'clients: [', words: /mine\.yaml: / },
    { source: '- clients', words: /must be settings by their names/ },
  ])('that is none is refused: $source', ({ source, words }) => {
    expect(() => readScenarioFile(written(source))).toThrow(words);
  });

  test('that there is not: told which there are', () => {
    expect(() => readScenarioFile('nowhere')).toThrow(/no such file.*many-rooms/);
  });
});

describe('the limits of a server', () => {
  const limits = {
    ...{ maxEnvelopeBytes: 16_384, maxContentBytes: 4_096, maxNameBytes: 64, maxRooms: 32 },
    ...{ envelopesPerSecond: 20, envelopeBurst: 40, maxUnacked: 256, resumeGraceMs: 15_000, maxPageSize: 500 },
  };

  test('are kept by what the defaults are', () => {
    expect(beyondLimits(scenarioOf('x', {}), limits)).toEqual([]);
  });

  test.each([
    { given: { rate: 21 }, changed: {}, setting: /CHAT_GRPC_RATE_LIMIT \(0 is off\)/ },
    { given: { window: 8 }, changed: {}, setting: /CHAT_GRPC_RATE_LIMIT=0/ },
    { given: { payload: 5_000 }, changed: {}, setting: /CHAT_GRPC_MAX_CONTENT_BYTES/ },
    { given: { payload: 900 }, changed: { maxEnvelopeBytes: 1_024 }, setting: /CHAT_GRPC_MAX_RECV_MSG_SIZE/ },
    { given: { reconnect: 1 }, changed: { resumeGraceMs: 0 }, setting: /CHAT_GRPC_RESUME_GRACE/ },
  ])('beyond them it is told which setting to change: $setting', ({ given, changed, setting }) => {
    const lines = beyondLimits(scenarioOf('x', given), { ...limits, ...changed });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(setting);
  });

  test('without a rate limit nothing is said of it', () => {
    const off = { ...limits, envelopesPerSecond: 0 };
    expect(beyondLimits(scenarioOf('x', { rate: 500 }), off)).toEqual([]);
    expect(beyondLimits(scenarioOf('x', { window: 64 }), off)).toEqual([]);
  });
});
