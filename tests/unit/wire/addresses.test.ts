import { describe, expect, test } from 'vitest';
import { Addresses, countedAddress } from '../../../src/wire/addresses.ts';

function addresses(maxTransportsPerAddress: number) {
  let nowMs = 0;
  const all = new Addresses({ maxTransportsPerAddress }, { monotonicMs: () => nowMs, utcMs: () => 0 });
  return {
    all,
    take: (ip: string) => all.take(ip),
    comeAndGo(ip: string) {
      expect(all.take(ip)).toBeUndefined();
      all.letGo(ip);
    },
    pass(ms: number) {
      nowMs += ms;
      all.sweep();
    },
  };
}

describe('Addresses', () => {
  test('an address has its own bound, and this machine none', () => {
    const { take } = addresses(1);
    take('198.51.100.7');
    expect(take('::ffff:198.51.100.7')).toBe('too_many_of_address');
    expect(take('198.51.100.8')).toBeUndefined();
    for (const ip of ['127.0.0.1', '127.0.0.1', '::1', '::1', '::ffff:127.0.0.1']) expect(take(ip)).toBeUndefined();
  });

  test('whoever comes and goes may come again at a tenth of the bound a second', () => {
    const { take, comeAndGo, pass } = addresses(100);
    for (let i = 0; i < 100; i++) comeAndGo('198.51.100.7');
    expect(take('198.51.100.7')).toBe('too_fast_from_address');
    pass(1000);
    for (let i = 0; i < 10; i++) comeAndGo('198.51.100.7');
    expect(take('198.51.100.7')).toBe('too_fast_from_address');
  });

  test('0 is any number', () => {
    const { take, all } = addresses(0);
    for (let i = 0; i < 3000; i++) expect(take('198.51.100.7')).toBeUndefined();
    expect(all.size).toBe(0);
  });

  test('forgets whoever has gone, when it may come like any other', () => {
    const { take, comeAndGo, all, pass } = addresses(10);
    expect(take('198.51.100.7')).toBeUndefined();
    comeAndGo('198.51.100.8');
    pass(9999);
    expect(all.size).toBe(2);
    pass(1);
    expect(all.size).toBe(1);
    all.letGo('198.51.100.7');
    pass(1);
    expect(all.size).toBe(0);
  });

  test.each([
    { address: '127.0.0.1', counted: '' },
    { address: '127.5.5.5', counted: '' },
    { address: '::1', counted: '' },
    { address: '::ffff:127.0.0.1', counted: '' },
    { address: '203.0.113.9', counted: '203.0.113.9' },
    { address: '::ffff:203.0.113.9', counted: '203.0.113.9' },
    { address: '2001:db8:1:2:3:4:5:6', counted: '2001:db8:1:2::/64' },
    { address: '2001:db8:1:2::6', counted: '2001:db8:1:2::/64' },
    { address: '2001:db8::1', counted: '2001:db8:0:0::/64' },
    { address: 'fe80::1', counted: 'fe80:0:0:0::/64' },
    { address: '', counted: '' },
  ])('$address counts as "$counted"', ({ address, counted }) => {
    expect(countedAddress(address)).toBe(counted);
  });
});
