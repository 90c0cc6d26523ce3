import type { MeasuredServer } from '../../faults/soak/measured.ts';
import type { Measured } from '../../faults/soak/measured-server.ts';
import { figure } from './report.ts';

/** Of a server that is there. */
export async function memoryOf(server: MeasuredServer): Promise<Measured> {
  const measured = await server.measure(0);
  if (measured === undefined) throw new Error(`the server ended: ${server.said}`);
  return measured;
}

/** What has come between two looks, for each of `count`; in words. */
export function eachOf(before: Measured, after: Measured, count: number): string {
  const each = (of: (measured: Measured) => number) => figure((of(after) - of(before)) / count);
  return `RSS ${each(({ rss }) => rss)}, heap ${each(({ heapUsed }) => heapUsed)}, external ${each(({ external }) => external)} bytes`;
}
