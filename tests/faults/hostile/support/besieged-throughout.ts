import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { Besieged } from './besieged.ts';

/**
 * A server for all tests of a file, on which two chat all along: after each test
 * they still do, and in the end they have missed nothing. Returns what gives it.
 */
export function besiegedThroughout(settings: Readonly<Record<string, string>> = {}): () => Besieged {
  let besieged: Besieged | undefined;
  const given = () => {
    if (besieged === undefined) throw new Error('the server has not started');
    return besieged;
  };
  beforeAll(async () => {
    besieged = await Besieged.start(settings);
    besieged.pair.talk();
  });
  afterEach(async () => {
    const { pair, server } = given();
    const { heard } = pair;
    await vi.waitFor(() => expect(pair.heard).toBeGreaterThan(heard + 1), { timeout: 20_000, interval: 5 });
    expect(server.logged('internal fault')).toEqual([]);
  });
  afterAll(async () => {
    const { pair } = given();
    try {
      await pair.silence();
      await pair.exchange();
      pair.expectNothingMissed();
    } finally {
      await besieged?.[Symbol.asyncDispose]();
    }
  });
  return given;
}
