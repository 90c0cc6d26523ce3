import { countText, latencyText, rateText } from '../figures.ts';
import type { Report } from '../report.ts';
import { NONE } from './words.ts';

interface KeyFigure {
  readonly name: string;
  readonly value: string;
  readonly more: string;
}

export function keyFigures({ counts, latencies, lag }: Report): string {
  const delivery = latencies.find(({ name }) => name === 'delivery');
  const took = (key: 'p50' | 'p99' | 'max') =>
    delivery === undefined || delivery.count === 0 ? NONE : latencyText(delivery[key]);
  const figures: readonly KeyFigure[] = [
    { name: 'Clients seated', value: countText(counts.seated), more: `of ${countText(counts.clients)}` },
    { name: 'Posts', value: rateText(counts.postsPerSecond), more: 'a second' },
    { name: 'Deliveries', value: rateText(counts.deliveriesPerSecond), more: 'a second' },
    { name: 'Delivery p50', value: took('p50'), more: '' },
    { name: 'Delivery p99', value: took('p99'), more: '' },
    { name: 'Delivery max', value: took('max'), more: '' },
    {
      name: 'Tool lag p99',
      value: lag.count === 0 ? NONE : latencyText(lag.p99),
      more: lag.count === 0 ? '' : `max ${latencyText(lag.max)}`,
    },
  ];
  const cells = figures.map(({ name, value, more }) => `<div><dt>${name}</dt><dd><b>${value}</b> ${more}</dd></div>`);
  return `<section aria-labelledby="figures"><h2 id="figures">Key figures</h2>
<dl class="figures">
${cells.join('\n')}
</dl></section>`;
}
