const BYTES_STEPS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A number with its unit (UCUM) as a person reads it. */
export function quantity(value: number, unit: string): string {
  switch (unit) {
    case 's':
      return duration(value);
    case 'ms':
      return duration(value / 1000);
    case 'By':
      return bytes(value);
    case '1':
    case '':
      return plainNumber(value);
    default:
      return `${plainNumber(value)} ${unit.replace(/^\{(.*)\}$/, '$1')}`;
  }
}

export function duration(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 1e-3) return `${threeDigits(seconds * 1e6)} µs`;
  if (size < 1) return `${threeDigits(seconds * 1e3)} ms`;
  return size < 600 ? `${threeDigits(seconds)} s` : `${threeDigits(seconds / 60)} min`;
}

/** Of two moments in nanoseconds since 1970. */
export function durationBetween(startUnixNano: bigint, endUnixNano: bigint): string {
  return duration(Number(endUnixNano - startUnixNano) / 1e9);
}

/** The time of day here. */
export function clockTime(unixNano: bigint): string {
  return new Date(Number(unixNano / 1_000_000n)).toTimeString().slice(0, 8);
}

function bytes(value: number): string {
  let step = 0;
  let size = value;
  for (; Math.abs(size) >= 1024 && step < BYTES_STEPS.length - 1; step++) size /= 1024;
  return `${threeDigits(size)} ${BYTES_STEPS[step]}`;
}

function plainNumber(value: number): string {
  return Number.isInteger(value) ? `${value}` : threeDigits(value);
}

/** Rounded to three digits, but never before the decimal point. */
function threeDigits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : `${Number(value.toPrecision(3))}`;
}
