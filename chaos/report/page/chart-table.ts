import { valueWords, type Chart } from './chart.ts';
import { html, type Markup } from './markup.ts';
import { clock } from './words.ts';

/** What a chart shows in numbers: the highest value of each line in spans of time. */
export function chartTable({ title, unit, lines, spans }: Chart): Markup {
  return html`<details class="numbers">
    <summary>${title} as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="${title} as a table">
      <table>
        <caption>
          The highest value of each span of time; every point is in series.csv.
        </caption>
        <thead>
          <tr>
            <th scope="col">From, UTC</th>
            ${lines.map((line) => html`<th scope="col" class="number">${line.title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${spans.map(
            ({ from, values }) =>
              html`<tr>
                <th scope="row">${clock(from)}</th>
                ${lines.map((_, index) => html`<td class="number">${valueWords(values[index], unit)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
