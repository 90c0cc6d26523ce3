import { escaped } from '../../cli/load/report/html/escape.ts';
import { cellsOf, type Entry, HEAD, notesOn } from './table.ts';

export interface Chapter {
  readonly scenario: string;
  readonly words: string;
  readonly entries: readonly Entry[];
  /** The page of each round of an entry, from where this one is. */
  readonly pagesOf: (entry: Entry) => readonly string[];
}

/** All chapters as a page that leads to the report of each round. */
export function pageOf(title: string, chapters: readonly Chapter[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>chat-grpc benchmark</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.7rem; text-align: right; border-bottom: 1px solid #8886; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
</style>
<h1>Benchmark</h1>
<p>${escaped(title)}</p>
${chapters.map(chapter).join('\n')}
</html>
`;
}

function chapter({ scenario, words, entries, pagesOf }: Chapter): string {
  const head = HEAD.map((cell) => `<th>${escaped(cell)}</th>`).join('');
  const rows = entries.map((entry) => {
    const links = pagesOf(entry).map((page, round) => `<a href="${escaped(page)}">${round + 1}</a>`);
    return `<tr>${cellsOf(entry)
      .map((cell) => `<td>${escaped(cell)}</td>`)
      .join('')}<td>${links.join(' ')}</td></tr>`;
  });
  const notes = notesOn(entries).map((note) => `<p>${escaped(note)}</p>`);
  return `<h2>${escaped(scenario)}</h2>
<p>${escaped(words)}</p>
<div><table><tr>${head}<th>rounds</th></tr>
${rows.join('\n')}
</table></div>
${notes.join('\n')}`;
}
