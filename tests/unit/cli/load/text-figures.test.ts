import { describe, expect, test } from 'vitest';
import {
  byteRateText,
  bytesText,
  clockText,
  durationText,
  latencyText,
  percentText,
  rateText,
  roundLatencyText,
} from '../../../../cli/load/report/figures.ts';

interface Case {
  readonly of: (value: number) => string;
  readonly value: number;
  readonly text: string;
}

describe('figures', () => {
  test.each<Case>([
    { of: latencyText, value: 0, text: '0 µs' },
    { of: latencyText, value: 850, text: '850 µs' },
    { of: latencyText, value: 999.6, text: '1.00 ms' },
    { of: latencyText, value: 1_240, text: '1.24 ms' },
    { of: latencyText, value: 9_996, text: '10.0 ms' },
    { of: latencyText, value: 999_600, text: '1.00 s' },
    { of: latencyText, value: 75_260_000, text: '75.3 s' },
    { of: latencyText, value: 3_600_000_000, text: '3,600 s' },
    { of: roundLatencyText, value: 10_000, text: '10 ms' },
    { of: roundLatencyText, value: 1_500, text: '1.50 ms' },
    { of: bytesText, value: 512, text: '512 B' },
    { of: bytesText, value: 30_822, text: '30.1 KiB' },
    { of: bytesText, value: 1023.9 * 1024, text: '1.00 MiB' },
    { of: byteRateText, value: 3_420_000, text: '3.42 MB/s' },
    { of: rateText, value: 0, text: '0' },
    { of: rateText, value: 0.4, text: '0.4' },
    { of: rateText, value: 9.96, text: '10' },
    { of: rateText, value: 24_900.4, text: '24,900' },
    { of: percentText, value: 0, text: '0%' },
    { of: percentText, value: 0.000_000_1, text: '<0.001%' },
    { of: percentText, value: 0.000_04, text: '0.004%' },
    { of: percentText, value: 0.43, text: '43%' },
    { of: clockText, value: 35_900, text: '00:35' },
    { of: clockText, value: 3_723_000, text: '1:02:03' },
    { of: durationText, value: 0, text: '0 s' },
    { of: durationText, value: 8_250, text: '8.25 s' },
    { of: durationText, value: 60_000, text: '1 min' },
    { of: durationText, value: 3_930_000, text: '1 h 5 min 30 s' },
  ])('$of.name($value) is "$text"', ({ of, value, text }) => {
    expect(of(value)).toBe(text);
  });
});
