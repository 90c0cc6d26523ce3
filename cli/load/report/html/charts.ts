import { durationText } from '../figures.ts';
import type { Report } from '../report.ts';
import { type Band, type Course, courseOf } from './course.ts';
import { histogramChart } from './histogram.ts';
import { lagChart, percentilesChart, statesChart, throughputChart } from './time-charts.ts';

export function charts(report: Report): string {
  const course = courseOf(report);
  return `<section aria-labelledby="charts"><h2 id="charts">Charts</h2>
${course.moments.length === 0 ? '<p class="note">The run ended before its first second.</p>' : drawn(course, report)}
</section>`;
}

function drawn(course: Course, report: Report): string {
  return `<p class="note">Phases: ${course.bands.map(bandText).join(', ')}. What is shaded was not measured.${thinned(course)}</p>
${throughputChart(course)}
${percentilesChart(course)}
${histogramChart(report)}
${statesChart(course)}
${lagChart(course)}`;
}

function bandText({ phase, to }: Band): string {
  return `${phase} until ${durationText(to * 1000)}`;
}

function thinned({ seconds }: Course): string {
  if (seconds === 1) return '';
  return ` The run is too long for each second to be drawn: a point stands for up to ${durationText(seconds * 1000)}, with the mean of its rates, the highest of its percentiles and lags, the clients as they were at its end, and all of its faults and errors.`;
}
