/** Rows of cells that are HTML already; the first cell of each heads it. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** From this column on they are numbers; text without it. */
  readonly numbersFrom?: number;
}

/** What has no head is pairs of a name and a value. */
export function table({ head, rows, numbersFrom = Number.POSITIVE_INFINITY }: Table): string {
  const kind = (column: number) => (column >= numbersFrom ? ' class="number"' : '');
  const titles = head.map((cell, column) => `<th scope="col"${kind(column)}>${cell}</th>`);
  const body = rows.map(([first = '', ...cells]) => {
    const columns = cells.map((cell, at) => `<td${kind(at + 1)}>${cell}</td>`);
    return `<tr><th scope="row">${first}</th>${columns.join('')}</tr>`;
  });
  return `<div class="table"><table${head.length === 0 ? ' class="pairs"' : ''}>
${head.length === 0 ? '' : `<thead><tr>${titles.join('')}</tr></thead>\n`}<tbody>
${body.join('\n')}
</tbody></table></div>`;
}
