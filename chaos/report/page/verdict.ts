import type { Assertion, Run, Verdict } from '../run.ts';
import { html, type Markup } from './markup.ts';
import { count, inUnit, listed, many, percent, seconds } from './words.ts';

/** How a verdict looks without colour, and what it says of the hypothesis. */
export const VERDICTS: Readonly<Record<Verdict, { readonly mark: string; readonly word: string }>> = {
  passed: { mark: '✓', word: 'Passed' },
  failed: { mark: '▲', word: 'Failed' },
  aborted: { mark: '■', word: 'Aborted' },
};

/** Letters from which a reason is too long to be read in bold. */
const LONG_REASON = 180;

/** What was believed, whether it held, what broke, and the figures that sum it up. */
export function verdict(run: Run): Markup {
  const { mark, word } = VERDICTS[run.verdict];
  const broken = run.assertions.filter(({ outcome }) => outcome === 'broke');
  return html`<section class="verdict" data-verdict="${run.verdict}" aria-labelledby="verdict-title">
    <div class="stamp"><span class="mark" aria-hidden="true">${mark}</span><span class="word">${word}</span></div>
    <h1 id="verdict-title">${run.experiment}</h1>
    <dl class="belief">
      <div>
        <dt>What was believed</dt>
        <dd>${run.hypothesis}</dd>
      </div>
      <div class="found">
        <dt>${heading(run)}</dt>
        <dd class="${run.reason.length > LONG_REASON && 'long'}">${run.reason}</dd>
      </div>
    </dl>
    ${
      broken.length > 0 &&
      html`<div class="broke">
        <h2>What broke</h2>
        <ul>
          ${broken.map(brokenLine)}
        </ul>
      </div> `
    }${
      run.without !== undefined &&
      html`<p class="notice">
        <b>A protection was switched off for this run: ${run.without}.</b> It shows that the experiment fails without
        it, and is no rehearsal.
      </p> `
    }${
      run.leftovers.length > 0 &&
      html`<p class="notice">
        <b
          >${many(run.leftovers.length, 'fault')} of an earlier drill ${run.leftovers.length === 1 ? 'was' : 'were'}
          found before the start and taken back:</b
        >
        ${listed(run.leftovers)}.
      </p> `
    }
    <dl class="figures">
      ${figures(run).map(
        ({
          name,
          value,
          aside,
          bad,
        }) => html`<div${bad === true && html` class="bad"`}><dt>${name}</dt><dd><b>${value}</b> <span class="muted">${aside}</span></dd></div>
`,
      )}
    </dl>
  </section>`;
}

function heading({ verdict: ended, fault }: Run): string {
  if (ended === 'passed') return 'It held';
  if (ended === 'failed') return 'It did not hold';
  return fault ? 'It was broken off, and the fault taken back' : 'It was broken off before anything was injected';
}

function brokenLine({ title, measured, allowed, id }: Assertion): Markup {
  return html`<li>
    <span class="mark" aria-hidden="true">▲</span>
    <span><b>${title}</b> <code>${id}</code><br />${measured}; allowed: ${allowed}</span>
  </li>`;
}

type Figure = { readonly name: string; readonly value: string; readonly aside: string; readonly bad?: boolean };

function figures({ assertions, lanes, fault, budget, timeline, startedAt, endedAt }: Run): readonly Figure[] {
  const asked = assertions.filter(({ outcome }) => outcome !== 'skipped');
  const held = asked.filter(({ outcome }) => outcome === 'held').length;
  const skipped = assertions.length - asked.length;
  const [lost, sent] = [
    lanes.reduce((sum, lane) => sum + lane.lost, 0),
    lanes.reduce((sum, lane) => sum + lane.sent, 0),
  ];
  const last = fault && lastAfter(timeline, fault.injectedAt);
  return [
    {
      name: 'Assertions held',
      value: `${held} of ${asked.length}`,
      aside: skipped > 0 ? `${skipped} skipped` : '',
      bad: held < asked.length,
    },
    { name: 'Requests lost', value: count(lost), aside: `of ${count(sent)}`, bad: assertions.some(isLossTooHigh) },
    { name: 'Error budget used', value: percent(budget.used), aside: 'by this run' },
    fault
      ? { name: 'The fault lasted', value: seconds((fault.revertedAt - fault.injectedAt) / 1000), aside: '' }
      : { name: 'The fault', value: 'none', aside: 'was injected' },
    last === undefined
      ? { name: 'The run took', value: inUnit((endedAt - startedAt) / 1000, 'seconds'), aside: '' }
      : { name: 'All was well again', value: seconds(last), aside: 'after the fault' },
  ];
}

/** What was lost is bad where more was than the experiment allows; some faults cost requests, and say so. */
function isLossTooHigh({ id, kind, outcome }: Assertion): boolean {
  return kind === 'bound' && id.startsWith('lost') && outcome === 'broke';
}

/** Seconds from the end of the fault to the last thing that had to follow it; undefined where one did not. */
function lastAfter(timeline: Run['timeline'], injectedAt: number): number | undefined {
  const after = timeline.filter(({ from }) => from > injectedAt);
  const times = after.flatMap(({ at, from }) => (at === undefined ? [] : [(at - from) / 1000]));
  return times.length === 0 || times.length < after.length ? undefined : Math.max(...times);
}
