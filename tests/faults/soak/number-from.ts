/** A number above 0 from the environment; ends the program when it is something else. */
export function numberFrom(name: string, otherwise: number): number {
  const text = process.env[name] ?? '';
  if (text === '') return otherwise;
  const value = Number(text);
  if (value > 0) return value;
  console.error(`${name}=${text}: must be a number above 0`);
  process.exit(2);
}
