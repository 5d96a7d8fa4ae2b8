import type { LaneResult, Run } from '../run.ts';
import { html, type Markup } from './markup.ts';
import { rounded } from './scale.ts';
import { count, many, percent, seconds } from './words.ts';

/** What became of the requests of each lane. */
export function lanesTable(lanes: readonly LaneResult[]): Markup {
  if (lanes.length === 0) return html`<p class="none">No request was sent.</p>`;
  return html`<table class="lanes">
      <thead>
        <tr>
          <th scope="col">Lane</th>
          <th scope="col" class="number">Sent</th>
          <th scope="col" class="number">Failed once</th>
          <th scope="col" class="number">Lost</th>
          <th scope="col" class="number">Median</th>
          <th scope="col" class="number">99th percentile</th>
          <th scope="col">Why they failed</th>
        </tr>
      </thead>
      <tbody>
        ${lanes.map(
          (lane) =>
            html` <tr>
              <th scope="row">${lane.lane}</th>
              <td class="number" data-name="sent">${count(lane.sent)}</td>
              <td class="number" data-name="failed once">
                ${count(lane.failedOnce)}${share(lane.failedOnce, lane.sent)}
              </td>
              <td class="number" data-name="lost">${count(lane.lost)}${share(lane.lost, lane.sent)}</td>
              <td class="number" data-name="median">${time(lane.p50)}</td>
              <td class="number" data-name="99th percentile">${time(lane.p99)}</td>
              <td class="reasons" data-name="why they failed">${reasons(lane)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <p class="muted">A request is lost that was not answered correctly even after one more try.</p>`;
}

/** How much of the error budget the run used, in a sentence and as a bar. */
export function budgetWords({ budget }: Run): Markup {
  const { allowed, bad, requests, used } = budget;
  if (requests === 0) return html`<p class="none">No request counted, so that nothing of the budget was used.</p>`;
  return html`<p>
      The objective allows <b>${percent(allowed)}</b> of requests to fail. In this run ${count(bad)} of
      ${many(requests, 'request')} did, <b>${percent(bad / requests)}</b>: it used <b>${percent(used)}</b> of the budget
      of the objective's window.
    </p>
    <svg class="bar budget" height="14" role="img" aria-label="${percent(used)} of the error budget used">
      <rect class="rest" y="3" width="100%" height="8" rx="2" />
      <rect class="used${used >= 1 && ' over'}" y="3" width="${rounded(Math.min(1, used) * 100)}%" height="8" rx="2" />
    </svg>`;
}

function share(part: number, whole: number): Markup | undefined {
  return part > 0 && whole > 0 ? html` <span class="muted">${percent(part / whole)}</span>` : undefined;
}

function time(value: number | undefined): string {
  return value === undefined ? '–' : seconds(value);
}

function reasons(lane: LaneResult): Markup | string {
  const sorted = Object.entries(lane.reasons).sort(([, a], [, b]) => b - a);
  if (sorted.length === 0) return '–';
  return html`<ul>
    ${sorted.map(([reason, times]) => html`<li>${reason} <span class="muted">× ${count(times)}</span></li>`)}
  </ul>`;
}
