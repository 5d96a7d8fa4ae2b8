import type { Assertion } from '../run.ts';
import { html, type Markup } from './markup.ts';
import { rounded } from './scale.ts';

/** How an outcome looks without colour. */
export const OUTCOMES: Readonly<Record<Assertion['outcome'], string>> = { held: '✓', broke: '▲', skipped: '–' };

const KINDS: Readonly<Record<Assertion['kind'], string>> = {
  steady: 'Steady state',
  link: 'Chain',
  bound: 'Requests',
  silent: 'Alerts that must stay silent',
  guard: 'Guard',
  reverted: 'Fault taken back',
};

/** Every assertion, by kind: what was measured, what was allowed, and how it came out. */
export function assertionsTable(assertions: readonly Assertion[]): Markup {
  return html`<table class="assertions">
    <thead>
      <tr>
        <th scope="col">Assertion</th>
        <th scope="col">Measured</th>
        <th scope="col">Allowed</th>
        <th scope="col" class="share">Of what was allowed</th>
        <th scope="col">Outcome</th>
      </tr>
    </thead>
    ${Object.entries(KINDS).map(([kind, title]) => {
      const rows = assertions.filter((each) => each.kind === kind);
      return (
        rows.length > 0 &&
        html`<tbody>
          <tr class="kind">
            <th scope="rowgroup" colspan="5">${title}</th>
          </tr>
          ${rows.map(row)}
        </tbody> `
      );
    })}
  </table>`;
}

function row({ id, title, outcome, measured, allowed, value, limit, reason }: Assertion): Markup {
  return html`<tr data-outcome="${outcome}">
    <th scope="row">
      ${title} <code>${id}</code>${reason !== undefined && html`<br /><span class="muted">${reason}</span>`}
    </th>
    <td data-name="measured">${measured}</td>
    <td data-name="allowed">${allowed}</td>
    <td class="share">
      ${outcome !== 'skipped' && value !== undefined && limit !== undefined && limit > 0 && bar(value / limit)}
    </td>
    <td class="outcome"><span aria-hidden="true">${OUTCOMES[outcome]} </span>${outcome}</td>
  </tr> `;
}

/** How much of what is allowed was used: a bar that ends in a line at the whole, and goes past it where there is more. */
function bar(share: number): Markup {
  const most = 1.25;
  const width = rounded((Math.min(share, most) / most) * 100);
  const whole = rounded(100 / most);
  const words = share < 10 ? `${Math.round(share * 100)} %` : `${Math.round(share)} times`;
  return html`<svg class="bar" height="14" role="img" aria-label="${words}">
      <rect class="rest" y="3" width="${whole}%" height="8" rx="2" />
      <rect class="used" y="3" width="${width}%" height="8" rx="2" />
      <line class="whole" x1="${whole}%" x2="${whole}%" y2="14" /></svg
    ><span class="muted" aria-hidden="true">${words}</span>`;
}
