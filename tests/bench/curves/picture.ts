/** `make curves-picture`: the charts of the documentation and the table, from what `make curves` has measured here. */
import { fileURLToPath } from 'node:url';
import { draw, keptCurves } from './results.ts';
import { tableOf } from './table.ts';

const kept = keptCurves();
if (kept.length === 0) {
  process.stderr.write('curves-picture: nothing was measured yet: make curves\n');
  process.exit(1);
}
for (const curves of kept) draw(curves, fileURLToPath(new URL('../../../docs/', import.meta.url)));
console.log(tableOf(kept));
