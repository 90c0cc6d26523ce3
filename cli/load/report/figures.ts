const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });

/** With thousands: "24,900". */
export function countText(count: number): string {
  return grouped.format(count);
}

/** What somebody chose, with its decimals: "15.5", "2,048". */
export function exactText(value: number): string {
  return exact.format(value);
}

/** Of something a second, without the unit: "0.4", "24,900". */
export function rateText(perSecond: number): string {
  return perSecond > 0 && perSecond < 9.95 ? perSecond.toFixed(1) : countText(perSecond);
}

/** Of a part from 0 to 1: "43%"; below one percent with as many decimals as tell it from nothing. */
export function percentText(part: number): string {
  const percent = part * 100;
  if (percent >= 9.95 || percent === 0) return `${percent.toFixed(0)}%`;
  if (percent >= 0.095) return `${percent.toFixed(1)}%`;
  return percent < 0.0005 ? '<0.001%' : `${percent.toFixed(3)}%`;
}

/** Three digits: "850 µs", "1.24 ms", "2.10 s". */
export function latencyText(micros: number): string {
  const rounded = Number(micros.toPrecision(3));
  if (rounded < 1000) return `${Math.round(rounded)} µs`;
  if (rounded < 1_000_000) return `${threeDigits(rounded / 1000)} ms`;
  return `${threeDigits(rounded / 1_000_000)} s`;
}

/** Of a value chosen to be round: "10 ms" instead of "10.0 ms". */
export function roundLatencyText(micros: number): string {
  return latencyText(micros).replace(/\.0+ /, ' ');
}

/** In memory, by 1024: "30.1 KiB". */
export function bytesText(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}

/** On the network, by 1000: "3.42 MB/s". */
export function byteRateText(bytesPerSecond: number): string {
  return scaled(bytesPerSecond, 1000, ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s']);
}

/** Time since the beginning: "00:35", "1:02:03". */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** How long something takes, not rounded: "25 s", "8.25 s", "1 h 5 min". */
export function durationText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  const parts = [
    { count: Math.floor(seconds / 3600), unit: 'h' },
    { count: Math.floor(seconds / 60) % 60, unit: 'min' },
    { count: seconds % 60, unit: 's' },
  ];
  const told = parts.filter(({ count }) => count > 0).map(({ count, unit }) => `${exactText(count)} ${unit}`);
  return told.join(' ') || '0 s';
}

function threeDigits(value: number): string {
  return value >= 999.5 ? countText(value) : value.toPrecision(3);
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let rest = value;
  let power = 0;
  // Rounded first: 1023.9 KiB is 1.00 MiB.
  while (Math.round(rest) >= step && power < units.length - 1) {
    rest /= step;
    power += 1;
  }
  const unit = units[power] ?? '';
  const text = power === 0 || rest >= 99.95 ? countText(rest) : rest.toPrecision(3);
  return `${text} ${unit}`;
}
