import type { AwaitedLink, DrillState } from './state.ts';
import { lengthInWords, plain, secondsLeft } from './words.ts';

/** How a piece of a line looks. */
export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** A line, piece by piece, so that it can be cut before it is coloured. */
export type Line = readonly { readonly text: string; readonly style?: Style }[];

const BAR = 24;
const LANE = 12;
const FIGURE = 9;

/** A drill as it is at a moment, as lines of any width. */
export function linesOf(state: DrillState, now: number): readonly Line[] {
  return [
    headline(state, now),
    ...stepLines(state, now),
    ...faultLine(state, now),
    ...(state.links.length === 0 ? [] : [[], [{ text: '  what has to happen', style: 'dim' as const }]]),
    ...state.links.map((link) => linkLine(link, now)),
    ...laneLines(state),
    ...warnings(state),
    ...verdictLines(state),
  ];
}

function headline({ experiment, startedAt, run }: DrillState, now: number): Line {
  return [
    { text: experiment, style: 'bold' },
    { text: `  ${lengthInWords((run?.endedAt ?? now) - startedAt)}`, style: 'dim' },
  ];
}

function stepLines({ steps, run }: DrillState, now: number): readonly Line[] {
  return steps.map(({ title, from, until }, index): Line => {
    const to = steps[index + 1]?.from ?? run?.endedAt;
    if (to !== undefined) {
      return [
        { text: '  ✓ ', style: 'green' },
        { text: plain(title) },
        { text: `  ${lengthInWords(to - from)}`, style: 'dim' },
      ];
    }
    const progress =
      until === undefined ? [] : [{ text: `  ${bar((now - from) / (until - from))} ${secondsLeft(until - now)} left` }];
    return [{ text: '  ▸ ', style: 'yellow' }, { text: plain(title), style: 'bold' }, ...progress];
  });
}

function bar(share: number): string {
  const done = Math.round(Math.min(1, Math.max(0, share)) * BAR);
  return '█'.repeat(done) + '░'.repeat(BAR - done);
}

function faultLine({ fault }: DrillState, now: number): readonly Line[] {
  if (!fault) return [];
  const { title, from, to } = fault;
  const words =
    to === undefined
      ? `is there since ${lengthInWords(now - from)}`
      : `was there for ${lengthInWords(to - from)}, and is taken back`;
  return [
    [],
    [
      { text: '  fault: ', style: 'dim' },
      { text: plain(title) },
      { text: `  ${words}`, ...(to === undefined && { style: 'red' as const }) },
    ],
  ];
}

function linkLine({ entry, isMissed }: AwaitedLink, now: number): Line {
  const { title, from, due, at } = entry;
  const allowed = lengthInWords(due - from);
  if (at !== undefined) {
    const isLate = at > due;
    const took = `${lengthInWords(at - from)} of ${allowed}`;
    return [
      { text: isLate ? '  ✕ ' : '  ✓ ', style: isLate ? 'red' : 'green' },
      { text: plain(title) },
      { text: `  ${took}${isLate ? ', too late' : ''}`, style: isLate ? 'red' : 'dim' },
    ];
  }
  if (isMissed || now > due) {
    return [{ text: '  ✕ ', style: 'red' }, { text: plain(title) }, { text: `  not within ${allowed}`, style: 'red' }];
  }
  return [
    { text: '  … ', style: 'yellow' },
    { text: plain(title) },
    { text: `  ${secondsLeft(due - now)} left`, style: 'yellow' },
  ];
}

function laneLines({ lanes, openBreakers, firing }: DrillState): readonly Line[] {
  if (lanes.length === 0) return [];
  const row = (lane: string, ...cells: readonly string[]): string =>
    `  ${lane.padEnd(LANE)}${cells.map((cell) => cell.padStart(FIGURE)).join('')}`;
  return [
    [],
    [{ text: row('lane', 'sent/s', 'failed/s', 'lost', 'p99'), style: 'dim' }],
    ...lanes.map(({ lane, sent, failed, lost, p99 }): Line => {
      const text = row(
        plain(lane),
        `${sent}`,
        `${failed}`,
        `${lost}`,
        p99 === undefined ? '-' : `${Math.round(p99 * 1000)} ms`,
      );
      return [{ text, ...(lost > 0 ? { style: 'red' as const } : failed > 0 && { style: 'yellow' as const }) }];
    }),
    [
      { text: '  open: ', style: 'dim' },
      { text: plain(openBreakers.join(', ')) || 'no breaker' },
      { text: '  firing: ', style: 'dim' },
      { text: plain(firing.join(', ')) || 'no alert' },
    ],
  ];
}

function warnings({ aborting, trouble, run }: DrillState): readonly Line[] {
  if (run) return [];
  if (aborting !== undefined) {
    return [[], [{ text: `  giving up: ${plain(aborting)}; the fault is taken back`, style: 'red' }]];
  }
  return trouble === undefined ? [] : [[], [{ text: `  tried again: ${plain(trouble)}`, style: 'yellow' }]];
}

function verdictLines({ run, broken }: DrillState): readonly Line[] {
  if (!run) return [];
  return [
    [],
    ...broken.map(({ id, measured, allowed }): Line => [
      { text: '  ✕ ', style: 'red' },
      { text: plain(`${id}: ${measured}, allowed ${allowed}`) },
    ]),
    [{ text: `  ${run.verdict}`, style: VERDICTS[run.verdict] }, { text: `: ${plain(run.reason)}` }],
  ];
}

const VERDICTS = { passed: 'green', failed: 'red', aborted: 'yellow' } as const;
