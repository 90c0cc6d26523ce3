import { durationText } from '../figures.ts';
import type { Report } from '../report.ts';
import { escaped } from './escape.ts';
import { counted } from './words.ts';

/** What was tried where and when, whether it held, and what takes from the worth of that. */
export function heading(report: Report): string {
  const { scenario, server, startedAt, isEndedEarly, lag, measuredMs } = report;
  const measured = durationText(Math.round(measuredMs / 100) * 100);
  const banners = [
    ...(isEndedEarly
      ? [`<strong>Ended early.</strong> Only ${measured} of ${durationText(scenario.durationMs)} were measured.`]
      : []),
    ...(lag.toolWasLimit === undefined
      ? []
      : [`<strong>The tool was the limit, not the server.</strong> ${escaped(lag.toolWasLimit)}`]),
  ];
  return `<header>
<p class="over">Load test</p>
<h1>${escaped(scenario.name)}</h1>
<p>against <b>${escaped(server)}</b>, started <time datetime="${escaped(startedAt)}">${escaped(clockText(startedAt))}</time>, measured for ${measured}</p>
${banners.map((banner) => `<p class="banner">${banner}</p>`).join('\n')}
${verdict(report)}
</header>`;
}

function verdict({ verdict: { holds, expectations }, faults }: Report): string {
  const found = faults.reduce((sum, { count }) => sum + count, 0);
  const items = expectations.map(
    ({ text, actual, holds }) =>
      `<li class="${holds ? 'holds' : 'broken'}"><span class="mark">${holds ? '✓ holds' : '✗ broken'}</span><code>${escaped(text)}</code><span>found ${escaped(actual)}</span></li>`,
  );
  return `<section class="verdict ${holds ? 'holds' : 'broken'}" aria-label="Verdict">
<p class="word">${holds ? '✓ Holds' : '✗ Broken'}</p>
<p>${found === 0 ? 'No faults were found.' : `<a href="#faults">${counted(found, 'fault')}</a> found.`}${items.length === 0 ? ' Nothing else was expected.' : ''}</p>
${items.length === 0 ? '' : `<ul>${items.join('\n')}</ul>`}
</section>`;
}

/** "2026-03-02 09:14:05 UTC" */
function clockText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
