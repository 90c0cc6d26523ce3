/** Everything that an iteration still brings; rejects as the iteration does. */
export async function allOf<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}
