import type { Assertion, Run, TimelineEntry } from '../run.ts';
import { backdrop, span } from './backdrop.ts';
import { html, type Markup } from './markup.ts';
import type { TimeScale } from './scale.ts';
import { clock, seconds } from './words.ts';

/** How a link went: in time, late, never, or not asked for. */
type Course = 'held' | 'late' | 'never' | 'skipped' | 'open';

const MARKS: Readonly<Record<Course, string>> = { held: '✓', late: '▲', never: '✕', skipped: '–', open: '–' };

/** The marks of the drawing, around their middle. */
export const SHAPES: Readonly<Partial<Record<Course, string>>> = {
  held: 'M0-7 7 0 0 7-7 0Z',
  late: 'M0-7 8 6H-8Z',
  never: 'M-6-6 6 6M6-6-6 6',
};

/** One row per link: the time it had as a bar, when it happened as a mark, and in words beside it. */
export function timelineRows(run: Run, time: TimeScale): Markup {
  return html`<ol class="rows links">
    ${run.timeline.map((entry, index) => row(run, time, entry, index))}
  </ol>`;
}

/** The same in numbers. */
export function timelineTable({ timeline, assertions }: Run): Markup {
  return html`<details class="numbers">
    <summary>The times as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Times of the links">
      <table>
        <thead>
          <tr>
            <th scope="col">What had to happen</th>
            <th scope="col">From, UTC</th>
            <th scope="col">Due, UTC</th>
            <th scope="col">Happened, UTC</th>
            <th scope="col" class="number">After</th>
          </tr>
        </thead>
        <tbody>
          ${timeline.map(
            (entry) =>
              html` <tr>
                <th scope="row">${entry.title} <code>${entry.id}</code></th>
                <td>${clock(entry.from)}</td>
                <td>${clock(entry.due)}</td>
                <td>${entry.at === undefined ? (reasonOf(entry, assertions) ?? 'did not') : clock(entry.at)}</td>
                <td class="number">${entry.at === undefined ? '–' : after(entry)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

function row(run: Run, time: TimeScale, entry: TimelineEntry, index: number): Markup {
  const course = courseOf(entry, run);
  const [said, allowed] = outcome(entry, course);
  return html`<li class="row" data-course="${course}">
    <span class="name">${entry.title}</span>
    <svg class="plot track" role="img" aria-labelledby="link-${index}-title" aria-describedby="link-${index}-desc">
      <title id="link-${index}-title">${entry.title}</title>
      <desc id="link-${index}-desc">${`${said}; ${allowed}`}</desc>
      ${backdrop(run, time)}${drawing(time, entry, course)}
    </svg>
    <span class="said"
      ><b><span aria-hidden="true">${MARKS[course]} </span>${said}</b> <span class="muted">${allowed}</span></span
    >
  </li> `;
}

/** Around the middle of its row, which is as high as its words need. */
function drawing(time: TimeScale, { from, due, at }: TimelineEntry, course: Course): Markup {
  const window = span(time, from, due);
  const taken = course === 'held' && at !== undefined && span(time, from, at);
  const late = course === 'late' && at !== undefined && span(time, due, at);
  return html`<svg y="50%" overflow="visible">
    <rect class="window" x="${window.x}%" y="-7" width="${window.width}%" height="14" rx="3" />
    ${taken && html`<rect class="taken" x="${taken.x}%" y="-7" width="${taken.width}%" height="14" rx="3" />`}
    ${due <= time.to && html`<line class="due" x1="${time.at(due)}%" x2="${time.at(due)}%" y1="-10" y2="10" />`}
    ${late && html`<rect class="overrun" x="${late.x}%" y="-2" width="${late.width}%" height="4" />`}
    ${mark(course, time.at(at ?? due))}
  </svg>`;
}

/** A shape of its own for each course, so that no colour is needed to tell them. */
function mark(course: Course, x: number): Markup | undefined {
  const path = SHAPES[course];
  return path === undefined
    ? undefined
    : html`<svg x="${x}%" overflow="visible"><path class="mark" d="${path}" /></svg>`;
}

function courseOf({ id, at, due }: TimelineEntry, { assertions, verdict, endedAt }: Run): Course {
  const outcome = assertions.find((each) => each.id === id)?.outcome;
  if (outcome === 'skipped') return 'skipped';
  if (at !== undefined) return at <= due && outcome !== 'broke' ? 'held' : 'late';
  return outcome !== 'broke' && verdict === 'aborted' && endedAt < due ? 'open' : 'never';
}

/** What happened, and what was allowed. */
function outcome(entry: TimelineEntry, course: Course): readonly [string, string] {
  const allowed = seconds((entry.due - entry.from) / 1000);
  switch (course) {
    case 'held':
      return [after(entry), `of ${allowed}`];
    case 'late':
      return [after(entry), lateBy(entry) ?? `of ${allowed}`];
    case 'never':
      return ['never', `in ${allowed}`];
    case 'skipped':
      return ['skipped', `had ${allowed}`];
    case 'open':
      return ['not reached', `had ${allowed}`];
  }
}

/** Undefined where it was in time and its assertion broke all the same. */
function lateBy({ at = 0, due }: TimelineEntry): string | undefined {
  return at > due ? `${seconds((at - due) / 1000)} late` : undefined;
}

function after({ at, from }: TimelineEntry): string {
  return at === undefined ? '' : seconds((at - from) / 1000);
}

function reasonOf({ id }: TimelineEntry, assertions: readonly Assertion[]): string | undefined {
  return assertions.find((each) => each.id === id)?.reason;
}
