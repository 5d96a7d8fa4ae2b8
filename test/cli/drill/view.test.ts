import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { DrillEvent } from '../../../chaos/drill/events.ts';
import type { TimelineEntry } from '../../../chaos/report/index.ts';
import { openView } from '../../../infra/cli/drill/view/index.ts';
import { passedRun } from '../../chaos/report/runs.ts';
import { recordingDesk } from './desk.ts';

const START = Date.UTC(2026, 0, 2);
const at = (seconds: number): number => START + seconds * 1000;
const opens: TimelineEntry = { id: 'opens', title: 'breaker opens', from: at(10), due: at(20) };
const told: TimelineEntry = { id: 'told', title: 'alert BreakerOpen fires', from: at(10), due: at(40) };

/** A drill whose breaker opens in time and whose alert does not fire. */
const EVENTS: readonly DrillEvent[] = [
  { kind: 'leftover', at: at(0), leftover: 'redis stands still' },
  { kind: 'step', at: at(0), step: 'before', title: 'load without a fault', until: at(10) },
  { kind: 'step', at: at(10), step: 'fault', title: 'the fault is there', until: at(70) },
  { kind: 'injected', at: at(10), title: 'upstream is late', means: 'local', deadline: at(100) },
  { kind: 'awaited', at: at(10), entries: [opens, told] },
  {
    kind: 'figures',
    at: at(11),
    lanes: [{ lane: 'critical', sent: 20, failed: 3, lost: 1, p99: 0.2514 }],
    openBreakers: ['upstream'],
    firing: [],
  },
  {
    kind: 'figures',
    at: at(12),
    lanes: [{ lane: 'critical', sent: 21, failed: 0, lost: 1, p99: 0.2 }],
    openBreakers: ['upstream'],
    firing: ['BreakerOpen'],
  },
  { kind: 'happened', at: at(13), entry: { ...opens, at: at(12.5) } },
];
const ENDING: readonly DrillEvent[] = [
  { kind: 'missed', at: at(40), entry: told },
  { kind: 'aborting', at: at(41), reason: 'too much failed' },
  { kind: 'reverted', at: at(42) },
  { kind: 'awaited', at: at(42), entries: [opens] },
  { kind: 'step', at: at(50), step: 'verdict', title: 'told broke' },
  {
    kind: 'asserted',
    at: at(50),
    assertion: { id: 'told', title: 'x', kind: 'link', outcome: 'broke', measured: 'not within 30 s', allowed: '30 s' },
  },
  { kind: 'ended', at: at(50), run: passedRun({ verdict: 'failed', reason: 'told broke', endedAt: at(50) }) },
];

let now: number;
beforeEach(() => {
  now = START;
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('without a terminal each event is a line with the time since the start, and figures are told every five seconds', () => {
  const desk = recordingDesk({ now: () => now });
  const view = openView('upstream-slow', desk);
  view.say('starting');
  for (const event of [...EVENTS, ...ENDING]) view.onEvent(event);
  view.close();
  expect(desk.told.err).toBe(
    [
      '+    0.0s  starting',
      '+    0.0s  left of an earlier drill, and taken back: redis stands still',
      '+    0.0s  load without a fault, at most 10 s',
      '+   10.0s  the fault is there, at most 1 min 0 s',
      '+   10.0s  fault: upstream is late; taken back by itself in 1 min 30 s at the latest',
      '+   10.0s  awaited within 10 s: breaker opens',
      '+   10.0s  awaited within 30 s: alert BreakerOpen fires',
      '+   11.0s  critical 20/s, 3/s failed, 1 lost',
      '+   13.0s  breaker opens: after 2.5 s of 10 s',
      '+   40.0s  NOT within 30 s: alert BreakerOpen fires',
      '+   41.0s  giving up: too much failed; the fault is taken back',
      '+   42.0s  the fault is taken back',
      '+   50.0s  BROKE: told: not within 30 s, allowed 30 s',
      '+   50.0s  FAILED: told broke',
      '',
    ].join('\n'),
  );
});

describe('on a terminal', () => {
  const screen = { columns: () => 100, rows: () => 40, hasColour: false };

  test('a live view shows the phase with its progress, links with their deadlines, and lanes', () => {
    const desk = recordingDesk({ screen, now: () => now });
    const view = openView('upstream-slow', desk);
    EVENTS.forEach(view.onEvent);
    now = at(25);
    jest.advanceTimersByTime(300);
    expect(shownBy(desk.told.err)).toEqual([
      'left of an earlier drill, and taken back: redis stands still',
      'upstream-slow  25 s',
      '  ✓ load without a fault  10 s',
      '  ▸ the fault is there  ██████░░░░░░░░░░░░░░░░░░ 45 s left',
      '',
      '  fault: upstream is late  is there since 15 s',
      '',
      '  what has to happen',
      '  ✓ breaker opens  2.5 s of 10 s',
      '  … alert BreakerOpen fires  15 s left',
      '',
      '  lane           sent/s failed/s     lost      p99',
      '  critical           21        0        1   200 ms',
      '  open: upstream  firing: BreakerOpen',
    ]);
    view.close();
  });

  test('what did not happen in time, and the verdict, stay on the screen', () => {
    const desk = recordingDesk({ screen, now: () => now });
    const view = openView('upstream-slow', desk);
    EVENTS.forEach(view.onEvent);
    now = at(41);
    jest.advanceTimersByTime(300);
    expect(shownBy(desk.told.err)).toContain('  ✕ alert BreakerOpen fires  not within 30 s');
    ENDING.forEach(view.onEvent);
    now = at(50);
    view.close();
    const shown = shownBy(desk.told.err);
    expect(shown).toContain('  fault: upstream is late  was there for 32 s, and is taken back');
    expect(shown.filter((line) => line.includes('breaker opens'))).toEqual(['  ✓ breaker opens  2.5 s of 10 s']);
    expect(shown.slice(-2)).toEqual(['  ✕ told: not within 30 s, allowed 30 s', '  failed: told broke']);
    const before = desk.told.err;
    jest.advanceTimersByTime(5_000);
    expect(desk.told.err).toBe(before);
  });

  test('a line of progress stands above it, once', () => {
    const desk = recordingDesk({ screen, now: () => now });
    const view = openView('upstream-slow', desk);
    view.say('Postgres starts');
    jest.advanceTimersByTime(2_000);
    expect(shownBy(desk.told.err)).toEqual(['Postgres starts', 'upstream-slow  0 s']);
    view.close();
  });

  test.each([
    [20, 8],
    [5, 3],
    [1, 1],
  ])('of %d columns and %d rows nothing wraps or scrolls', (columns, rows) => {
    const desk = recordingDesk({
      screen: { columns: () => columns, rows: () => rows, hasColour: false },
      now: () => now,
    });
    const view = openView('upstream-slow', desk);
    EVENTS.forEach(view.onEvent);
    desk.told.err = '';
    now = at(25);
    jest.advanceTimersByTime(300);
    const lines = shownBy(desk.told.err);
    expect(lines.length).toBeLessThan(Math.max(2, rows));
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    view.close();
  });

  test('that has become narrower, all that was drawn is drawn over', () => {
    let columns = 80;
    const desk = recordingDesk({ screen: { ...screen, columns: () => columns }, now: () => now });
    const view = openView('upstream-slow', desk);
    EVENTS.forEach(view.onEvent);
    jest.advanceTimersByTime(300);
    columns = 30;
    desk.told.err = '';
    jest.advanceTimersByTime(250);
    // eslint-disable-next-line no-control-regex -- sequences begin so
    const up = Number(/^\u001b\[(\d+)A/.exec(desk.told.err)?.[1]);
    expect(up).toBeGreaterThan(13);
    view.close();
  });

  test('colour is only where it is wanted, and what a drill tells cannot steer the terminal', () => {
    const hostile: DrillEvent = { kind: 'step', at: at(1), step: 'fault', title: '\u001b[2Jgone\u0007\nnext' };
    const errOf = (hasColour: boolean): string => {
      const desk = recordingDesk({ screen: { ...screen, hasColour }, now: () => now });
      const view = openView('upstream-slow', desk);
      view.onEvent(hostile);
      view.say('\u001b[31mred\u009b1m');
      view.close();
      return desk.told.err;
    };
    // eslint-disable-next-line no-control-regex -- colours begin so
    const colour = /\u001b\[\d+m/;
    expect(errOf(false)).not.toMatch(colour);
    expect(errOf(true)).toMatch(colour);
    for (const text of [errOf(false), errOf(true)]) {
      expect(text).not.toContain('\u001b[2J');
      expect(text).not.toContain('\u001b[31mred');
      expect(text).toContain('[2Jgone next');
    }
  });
});

/** The lines that a terminal shows in the end, which knows two sequences: so many rows up, and clear all below. */
function shownBy(written: string): readonly string[] {
  const lines: string[] = [''];
  let row = 0;
  // eslint-disable-next-line no-control-regex -- sequences begin so
  for (const token of written.match(/\u001b\[\d+A|\r\u001b\[J|\n|[^\u001b\r\n]+/g) ?? []) {
    if (token.endsWith('A') && token.startsWith('\u001b')) row = Math.max(0, row - Number(token.slice(2, -1)));
    else if (token === '\r\u001b[J') lines.splice(row, Infinity, '');
    else if (token === '\n') {
      row++;
      lines[row] ??= '';
    } else lines[row] = `${lines[row] ?? ''}${token}`;
  }
  return lines.slice(0, -1);
}
