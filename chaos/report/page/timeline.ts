import type { Assertion, Run, TimelineEntry } from '../run.ts';
import { backdrop, span } from './backdrop.ts';
import { html, type Markup } from './markup.ts';
import type { TimeScale } from './scale.ts';
import { clock, seconds } from './words.ts';

/** How a link went: in time, late, never, or not asked for. */
type Course = 'held' | 'late' | 'never' | 'skipped' | 'open';

const MARKS: Readonly<Record<Course, string>> = { held: '✓', late: '▲', never: '✕', skipped: '–', open: '–' };

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
  const [said, allowed] = outcome(entry, course, run);
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

function drawing(time: TimeScale, { from, due, at }: TimelineEntry, course: Course): Markup {
  const window = span(time, from, due);
  const late = course === 'late' && at !== undefined ? span(time, due, at) : undefined;
  const openEnded = due > time.to;
  return html`<rect class="window" x="${window.x}%" width="${window.width}%" y="10" height="14" rx="3" />${
      !openEnded && html`<line class="due" x1="${time.at(due)}%" x2="${time.at(due)}%" y1="7" y2="27" />`
    }${late && html`<rect class="overrun" x="${late.x}%" width="${late.width}%" y="15" height="4" />`}${
      course === 'held' &&
      at !== undefined &&
      html`<rect class="taken" x="${window.x}%" width="${span(time, from, at).width}%" y="10" height="14" rx="3" />`
    }${mark(time, course, at ?? due)}`;
}

/** A shape of its own for each course, so that no colour is needed to tell them. */
function mark(time: TimeScale, course: Course, at: number): Markup | undefined {
  const path = {
    held: 'M0-7 7 0 0 7-7 0Z',
    late: 'M0-7 8 6H-8Z',
    never: 'M-6-6 6 6M6-6-6 6',
    skipped: undefined,
    open: undefined,
  }[course];
  return path === undefined
    ? undefined
    : html`<svg x="${time.at(at)}%" y="17" overflow="visible"><path class="mark" d="${path}" /></svg>`;
}

function courseOf({ id, at, due }: TimelineEntry, { assertions, verdict, endedAt }: Run): Course {
  const outcome = assertions.find((each) => each.id === id)?.outcome;
  if (outcome === 'skipped') return 'skipped';
  if (at !== undefined) return at <= due && outcome !== 'broke' ? 'held' : 'late';
  return outcome !== 'broke' && verdict === 'aborted' && endedAt < due ? 'open' : 'never';
}

/** What happened, and what was allowed. */
function outcome(entry: TimelineEntry, course: Course, { assertions }: Run): readonly [string, string] {
  const allowed = seconds((entry.due - entry.from) / 1000);
  switch (course) {
    case 'held':
      return [after(entry), `of ${allowed}`];
    case 'late':
      return [after(entry), `of ${allowed}, ${seconds(((entry.at ?? entry.due) - entry.due) / 1000)} late`];
    case 'never':
      return ['never', `in ${allowed}`];
    case 'skipped':
      return ['skipped', reasonOf(entry, assertions) ?? ''];
    case 'open':
      return ['not reached', `had ${allowed}`];
  }
}

function after({ at, from }: TimelineEntry): string {
  return at === undefined ? '' : seconds((at - from) / 1000);
}

function reasonOf({ id }: TimelineEntry, assertions: readonly Assertion[]): string | undefined {
  return assertions.find((each) => each.id === id)?.reason;
}
