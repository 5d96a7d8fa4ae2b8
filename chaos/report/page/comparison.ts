import { relative } from 'node:path';
import { isNotable, type Cell, type ComparedGroup, type ComparedRow, type Comparison } from '../comparison.ts';
import { changeWords } from '../comparison-text.ts';
import { OUTCOMES } from './assertions.ts';
import { documentHtml } from './document.ts';
import { html, type Markup } from './markup.ts';
import { rounded } from './scale.ts';
import { VERDICTS } from './verdict.ts';
import { count, dateTime, many, percent, seconds } from './words.ts';

/** Runs side by side as one page, which lies in a folder; its links lead to the pages of the runs from there. */
export function comparisonHtml({ groups, bad }: Comparison, folder: string): string {
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0);
  const changes = groups.flatMap((group) => changesOf(group));
  return documentHtml(
    `Drills compared: ${many(runs, 'run')}`,
    html`<p class="identity"><b>Drills compared</b> <span class="muted">${many(runs, 'run')}</span></p>`,
    html`<section class="card" aria-labelledby="changes-heading">
        <h1 id="changes-heading">
          ${changes.length === 0 ? 'Nothing became worse' : `${many(changes.length, 'change')} for the worse`}
        </h1>
        ${
          changes.length > 0
            ? html`<ul class="changes">
                ${changes.map((change) => html`<li><span class="mark" aria-hidden="true">▲</span> ${change}</li>`)}
              </ul>`
            : html`<p class="muted">
                In no experiment did the newest run fail what the one before held, or take longer than those before it
                by more than their noise.
              </p>`
        }
        ${bad.length > 0 && badFolders(bad)}
      </section>
      ${groups.map((group, index) => section(group, index, folder))}`,
    html`<p>
      A time that held is slower when it is above the median of the earlier runs by more than a second, a tenth of it,
      three deviations and what two of them reached; of fewer than three earlier runs, by more than a second and a
      quarter of it.
    </p>`,
  );
}

function changesOf({ experiment, how, newlyFails, rows }: ComparedGroup): readonly Markup[] {
  const where = html`<b>${experiment}</b> <span class="muted">${how}</span>: `;
  return [
    ...(newlyFails ? [html`${where}newly fails`] : []),
    ...rows.filter(({ change }) => change).map((row) => html`${where}${row.title}, ${changeWords(row)}`),
  ];
}

function badFolders(bad: Comparison['bad']): Markup {
  return html`<div class="notice">
    <b>${many(bad.length, 'folder')} could not be compared:</b>
    <ul>
      ${bad.map(({ problem }) => html`<li>${problem}</li>`)}
    </ul>
  </div>`;
}

function section(group: ComparedGroup, index: number, folder: string): Markup {
  const { experiment, how, runs, rows, newlyFails } = group;
  const plain = rows.filter((row) => !isNotable(row)).length;
  return html`<section class="card" aria-labelledby="group-${index}">
    <h2 class="experiment" id="group-${index}">${experiment} <span>${how}</span></h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="group-${index}">
      <table class="compared">
        <thead>
          <tr>
            <th scope="col">Run, UTC</th>
            ${runs.map(
              (run) =>
                html`<th scope="col">
                  <a href="${link(folder, run.folder)}">${dateTime(run.startedAt).slice(0, 16)}</a>
                </th>`,
            )}
            <th scope="col" class="drawn">Over the runs</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Verdict${newlyFails && change('newly fails')}</th>
            ${runs.map(
              ({ verdict }) =>
                html`<td data-verdict="${verdict}">
                  <b><span aria-hidden="true">${VERDICTS[verdict].mark} </span>${verdict}</b>
                </td>`,
            )}
            <td class="drawn"></td>
          </tr>
          ${rows.filter(isNotable).map(
            (row) =>
              html`<tr>
                <th scope="row">${row.title} <code>${row.id}</code>${row.change && change(changeWords(row))}</th>
                ${row.cells.map(cellMarkup)}
                <td class="sparkline">${sparkline(row)}</td>
              </tr>`,
          )}
          <tr>
            <th scope="row">Requests lost</th>
            ${runs.map(({ lost, sent }) => html`<td>${count(lost)} <span class="muted">of ${count(sent)}</span></td>`)}
            <td class="drawn"></td>
          </tr>
          <tr>
            <th scope="row">Error budget used</th>
            ${runs.map(({ used }) => html`<td>${percent(used)}</td>`)}
            <td class="drawn"></td>
          </tr>
        </tbody>
      </table>
    </div>
    ${plain > 0 && html`<p class="quiet muted">${many(plain, 'more assertion')} broke in no run.</p>`}
  </section>`;
}

function change(words: string): Markup {
  return html`<br /><span class="change">▲ ${words}</span>`;
}

function cellMarkup(cell: Cell | undefined): Markup {
  if (!cell) return html`<td class="muted">–</td>`;
  if (cell.outcome === 'skipped') return html`<td class="muted">skipped</td>`;
  const words = cell.seconds === undefined ? cell.words : seconds(cell.seconds);
  return cell.outcome === 'broke'
    ? html`<td class="bad">
        <span aria-hidden="true">${OUTCOMES.broke} </span>${words} <span class="unseen">broke</span>
      </td>`
    : html`<td>${words}</td>`;
}

/** The times over the runs, in front of what the earlier ones lead to expect. */
function sparkline({ cells, expected, change, title }: ComparedRow): Markup | undefined {
  const points = cells.flatMap((cell, index) => (cell?.seconds === undefined ? [] : [[index, cell.seconds] as const]));
  if (points.length < 2 || !expected) return undefined;
  const [lowest, highest] = [expected.usual - expected.noise, expected.usual + expected.noise];
  const values = [lowest, highest, ...points.map(([, value]) => value)];
  const [bottom, top] = [Math.min(...values), Math.max(...values)];
  const x = (index: number) => rounded(6 + (index / Math.max(1, cells.length - 1)) * 88);
  const y = (value: number) => rounded(25 - ((value - bottom) / (top - bottom)) * 22);
  const last = points.length - 1;
  return html`<svg
    height="28"
    role="img"
    aria-label="${title}: ${points.map(([, value]) => seconds(value)).join(', ')}"
    data-change="${change ?? 'none'}"
  >
    <rect
      class="expected"
      y="${y(expected.usual + expected.noise)}"
      width="100%"
      height="${rounded(y(Math.max(0, expected.usual - expected.noise)) - y(expected.usual + expected.noise))}"
    />
    ${points.slice(1).map(([index, value], at) => {
      const [before, earlier] = points[at] ?? [index, value];
      return html`<line class="step" x1="${x(before)}%" y1="${y(earlier)}" x2="${x(index)}%" y2="${y(value)}" />`;
    })}
    ${points.map(([index, value], at) => html`<circle class="${at === last && 'last'}" cx="${x(index)}%" cy="${y(value)}" r="${at === last ? 3.5 : 2}" />`)}
  </svg>`;
}

/** From the page's folder to the page of a run, as an address. */
function link(from: string, folder: string): string {
  const steps = relative(from, folder)
    .split(/[\\/]/)
    .filter((step) => step !== '');
  return ['.', ...steps.map(encodeURIComponent), 'report.html'].join('/');
}
