/** `make curves-picture`: the charts of the documentation and the table, from what `make curves` has measured here. */
import { fileURLToPath } from 'node:url';
import { draw, keptCurves } from './results.ts';
import { tableOf } from './table.ts';

const kept = keptCurves();
if (kept.length === 0) {
  process.stderr.write('curves-picture: nothing was measured yet: make curves\n');
  process.exit(1);
}
const ways = new Set(kept.map(({ words, seconds, rounds }) => `${words}; ${rounds} rounds of ${seconds} s`));
if (ways.size > 1) {
  process.stderr.write(`curves-picture: not all shapes were measured alike:\n${[...ways].join('\n')}\n`);
  process.exit(1);
}
for (const curves of kept) draw(curves, fileURLToPath(new URL('../../../docs/', import.meta.url)));
console.log(tableOf(kept));
