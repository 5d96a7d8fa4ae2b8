import { FORMAT, type Run, type Verdict } from '../run.ts';
import { documentHtml } from './document.ts';
import { html, type Markup } from './markup.ts';
import { VERDICTS } from './verdict.ts';
import { count, dateTime, many, percent, seconds } from './words.ts';

/** Several runs as one page, which lies beside their folders: what failed first, then the others in order of time. */
export function summaryHtml(runs: readonly Run[]): string {
  const order: readonly Verdict[] = ['failed', 'aborted', 'passed'];
  const sorted = [...runs].sort(
    (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || a.startedAt - b.startedAt,
  );
  const passed = runs.filter(({ verdict }) => verdict === 'passed').length;
  const [from, to] = [Math.min(...runs.map((run) => run.startedAt)), Math.max(...runs.map((run) => run.endedAt))];
  const total = (field: 'lost' | 'sent') =>
    runs.reduce((sum, { lanes }) => sum + lanes.reduce((lost, lane) => lost + lane[field], 0), 0);
  const words = runs.length === 0 ? 'No experiment ran' : `${passed} of ${many(runs.length, 'experiment')} passed`;
  return documentHtml(
    `Drills: ${words}`,
    html`<p class="identity"><b>Drills</b></p>
      ${runs.length > 0 && html`<p class="where muted"><time datetime="${new Date(from).toISOString()}">${dateTime(from)} UTC</time></p>`}`,
    html`<section
        class="verdict"
        data-verdict="${passed === runs.length ? 'passed' : 'failed'}"
        aria-labelledby="verdict-title"
      >
        <h1 id="verdict-title">${words}</h1>
        ${
          runs.length > 0 &&
          html`<dl class="figures">
            ${order.map((verdict) => {
              const held = runs.filter((run) => run.verdict === verdict).length;
              return html`<div class="${verdict !== 'passed' && held > 0 && 'bad'}">
                <dt>${VERDICTS[verdict].word}</dt>
                <dd><b>${held}</b></dd>
              </div>`;
            })}
            <div>
              <dt>Requests lost</dt>
              <dd><b>${count(total('lost'))}</b> <span class="muted">of ${count(total('sent'))}</span></dd>
            </div>
            <div>
              <dt>All took</dt>
              <dd><b>${seconds((to - from) / 1000)}</b></dd>
            </div>
          </dl>`
        }
      </section>
      <section class="card" aria-labelledby="runs-heading">
        <h2 id="runs-heading">Experiments</h2>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="runs-heading">
          <table class="runs">
            <thead>
              <tr>
                <th scope="col">Verdict</th>
                <th scope="col">Experiment</th>
                <th scope="col">Why</th>
                <th scope="col" class="number">Held</th>
                <th scope="col" class="number">Lost</th>
                <th scope="col" class="number">Budget used</th>
                <th scope="col" class="number">Took</th>
              </tr>
            </thead>
            <tbody>
              ${sorted.map(row)}
            </tbody>
          </table>
        </div>
      </section>`,
    html`<p>
      Each experiment has a folder of its own beside this page; <code>junit.xml</code> holds all of them. Format
      ${FORMAT}.
    </p>`,
  );
}

function row(run: Run): Markup {
  const { id, experiment, verdict, reason, assertions, lanes, budget, startedAt, endedAt, without } = run;
  const asked = assertions.filter(({ outcome }) => outcome !== 'skipped');
  const lost = lanes.reduce((sum, lane) => sum + lane.lost, 0);
  return html`<tr>
    <td data-verdict="${verdict}">
      <b><span aria-hidden="true">${VERDICTS[verdict].mark} </span>${verdict}</b>
    </td>
    <th scope="row">
      <a href="./${encodeURIComponent(id)}/report.html">${experiment}</a
      >${without !== undefined && html`<br /><span class="muted">without ${without}</span>`}
    </th>
    <td>${reason}</td>
    <td class="number">${asked.filter(({ outcome }) => outcome === 'held').length} of ${asked.length}</td>
    <td class="number">${count(lost)}</td>
    <td class="number">${percent(budget.used)}</td>
    <td class="number">${seconds((endedAt - startedAt) / 1000)}</td>
  </tr>`;
}
