import type { Report } from '../report.ts';
import { charts } from './charts.ts';
import { countTables, errorTable } from './count-tables.ts';
import { escaped } from './escape.ts';
import { faultTables } from './fault-tables.ts';
import { HATCHES } from './figure.ts';
import { heading } from './heading.ts';
import { keyFigures } from './key-figures.ts';
import { latencyTables } from './latency-tables.ts';
import { repeat } from './repeat.ts';
import { STYLE } from './style.ts';

/** The report as one page that asks nobody for anything, and runs no script: the policy at its head holds it to that. */
export function htmlOf(report: Report): string {
  const { scenario, server, verdict } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${verdict.holds ? '✓' : '✗'} ${escaped(scenario.name)} at ${escaped(server)}</title>
<style>${STYLE}</style>
</head>
<body>
${HATCHES}
${heading(report)}
<main>
${keyFigures(report)}
${charts(report)}
${latencyTables(report)}
${faultTables(report)}
${errorTable(report)}
${countTables(report)}
${repeat(report)}
</main>
</body>
</html>
`;
}
