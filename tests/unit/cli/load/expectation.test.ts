import { describe, expect, test } from 'vitest';
import { allExpectations, holds, parseExpectation } from '../../../../cli/load/expectation.ts';

interface Case {
  readonly text: string;
  readonly actual: number;
  readonly holds: boolean;
}

const cases: readonly Case[] = [
  { text: 'p99<50ms', actual: 49_999, holds: true },
  { text: 'p99<50ms', actual: 50_000, holds: false },
  { text: 'delivery.p99.99<=1.5s', actual: 1_500_000, holds: true },
  { text: 'ack.max<200us', actual: 201, holds: false },
  { text: ' lost == 0 ', actual: 0, holds: true },
  { text: 'lost==0', actual: 1, holds: false },
  { text: 'deliveries/s>=10_000', actual: 10_000, holds: true },
  { text: 'seated>4999', actual: 4_999, holds: false },
];

describe('an expectation', () => {
  test.each(cases)('$text with $actual: $holds', (one) => {
    expect(holds(parseExpectation(one.text), one.actual)).toBe(one.holds);
  });

  test.each([
    { text: 'p99', words: /must be like p99<50ms/ },
    { text: 'p99<50', words: /needs us, ms or s/ },
    { text: 'lost<5ms', words: /takes no unit/ },
    { text: 'quality>9', words: /there is no quality; there is .*lost.*deliveries\/s/s },
    { text: 'lost<__', words: /must be like/ },
    { text: 'ack.lost==0', words: /there is no ack\.lost/ },
    { text: 'p100<5ms', words: /there is no p100/ },
  ])('$text is refused', ({ text, words }) => {
    expect(() => parseExpectation(text)).toThrow(words);
  });
});

describe('what goes without saying', () => {
  const all = (...texts: string[]) => allExpectations(texts.map(parseExpectation)).map(({ text }) => text);

  test('is that there are no faults, no errors, and that everybody is seated', () => {
    expect(all('p99<50ms')).toEqual(
      expect.arrayContaining(['p99<50ms', 'lost==0', 'behind==0', 'unacked==0', 'errors==0', 'unseated==0']),
    );
  });

  test('is not expected where something else is said of the same', () => {
    expect(all('lost<100')).not.toContain('lost==0');
    expect(all('lost<100')).toContain('doubled==0');
    expect(all('faults<100')).toEqual(['faults<100', 'errors==0', 'unseated==0']);
  });
});
