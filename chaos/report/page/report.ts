import type { Run } from '../run.ts';
import { assertionsTable } from './assertions.ts';
import { backdrop, span } from './backdrop.ts';
import { chartTable } from './chart-table.ts';
import { chartRows, chartsOf, quietWords } from './charts.ts';
import { conditions, versions } from './conditions.ts';
import { documentHtml } from './document.ts';
import { html, type Markup } from './markup.ts';
import { budgetWords, lanesTable } from './requests.ts';
import { timeScale, type TimeScale } from './scale.ts';
import { SHAPES, timelineRows, timelineTable } from './timeline.ts';
import { verdict, VERDICTS } from './verdict.ts';
import { clock, dateTime } from './words.ts';

/**
 * The evidence of a run as one page that needs no network and no script, for a screen of any width, light or dark, and
 * for paper. Whatever the run holds is text in it, never markup.
 */
export function reportHtml(run: Run): string {
  const time = timeScale(run);
  const banner = html`<p class="identity"><b>Drill report</b> <span class="muted">${run.id}</span></p>
    <p class="where muted">
      ${run.environment}, ${run.namespace}
      <time datetime="${new Date(run.startedAt).toISOString()}">${dateTime(run.startedAt)} UTC</time>
    </p>`;
  return documentHtml(
    `${VERDICTS[run.verdict].word}: ${run.experiment}, ${dateTime(run.startedAt)} UTC`,
    banner,
    html`${verdict(run)} ${course(run, time)}
      ${section('assertions', 'What had to hold', assertionsTable(run.assertions))}
      ${section('requests', 'Requests by lane', lanesTable(run.lanes))}
      ${section('budget', 'Error budget', budgetWords(run))}
      <div class="pair">
        ${section('conditions', 'Conditions', conditions(run))}
        <div>
          ${section('repeat', 'Do it again', html`<pre tabindex="0" role="region" aria-label="The command that repeats it"><code>${run.repeat}</code></pre>`)}
          ${section('versions', 'Versions', versions(run))}
        </div>
      </div>`,
    html`<p>
      Beside this page lie <code>report.json</code> (format ${run.format}), <code>junit.xml</code> and
      <code>series.csv</code>, which hold the same in numbers.
    </p>`,
  );
}

/** What happened against what had to, and what was measured meanwhile: drawings that share one axis of time. */
function course(run: Run, time: TimeScale): Markup {
  const what = run.fault
    ? `Time counts from the fault, ${clock(run.fault.injectedAt)} UTC`
    : `Time counts from the start, ${clock(run.startedAt)} UTC`;
  const charts = chartsOf(run, time);
  const nothing = run.timeline.length === 0 && run.series.length === 0;
  return section(
    'course',
    'What happened, and by when it had to',
    nothing
      ? html`<p class="none">The run ended before there was anything to see.</p>`
      : html`<p class="key muted"><span>${what}.</span> ${run.timeline.length > 0 && KEY}</p>
          <div class="figure">
            ${axis(run, time, 'head')} ${run.timeline.length > 0 && timelineRows(run, time)}
            ${chartRows(charts, run, time)} ${axis(run, time, 'tail')}
          </div>
          ${quietWords(run).map((words) => html`<p class="quiet muted">${words}</p>`)}
          <div class="tables">${run.timeline.length > 0 && timelineTable(run)}${charts.map(chartTable)}</div>`,
  );
}

const KEY = html`<span
    ><svg class="sample" width="34" height="14" aria-hidden="true">
      <rect class="window" y="1" width="32" height="12" rx="3" />
      <line class="due" x1="32" x2="32" y2="14" />
    </svg>
    the time it had</span
  >
  ${sample('held', 'happened in time')} ${sample('late', 'too late')} ${sample('never', 'never')}`;

function sample(course: keyof typeof SHAPES, words: string): Markup {
  return html`<span data-course="${course}"
    ><svg class="sample" width="16" height="14" aria-hidden="true">
      <path class="mark" transform="translate(8 7) scale(.85)" d="${SHAPES[course]}" />
    </svg>
    ${words}</span
  >`;
}

/** The times, above with the names of the phases. */
function axis(run: Run, time: TimeScale, place: 'head' | 'tail'): Markup {
  const names = { before: 'before', fault: run.fault?.title ?? 'fault', after: 'after' };
  const labels = time.ticks.map(({ value, words, major }) => {
    const at = time.at(value);
    const anchor = at < 3 ? 'start' : at > 97 ? 'end' : 'middle';
    return html`<text${!major && html` class="minor"`} x="${at}%" y="${place === 'head' ? 38 : 15}" text-anchor="${anchor}">${words}</text>`;
  });
  const phases = run.phases.map(({ name, from, to }) => {
    const { x, width } = span(time, from, to);
    return html`<svg class="phase" data-phase="${name}" x="${x}%" width="${width}%" height="20">
      <rect width="100%" height="20" />
      <text x="6" y="14">${width < 6 ? '' : names[name]}</text>
    </svg>`;
  });
  return html`<div class="row axis ${place}">
    <svg class="plot" height="${place === 'head' ? 46 : 20}" aria-hidden="true">
      ${backdrop(run, time)}${place === 'head' && phases}${labels}
    </svg>
  </div>`;
}

function section(id: string, title: string, body: Markup): Markup {
  return html`<section class="card" id="${id}" aria-labelledby="${id}-heading">
    <h2 id="${id}-heading">${title}</h2>
    ${body}
  </section>`;
}
