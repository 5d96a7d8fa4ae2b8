import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  compareRuns,
  formatComparison,
  writeComparison,
  writeReport,
  writeSummary,
  type ComparedGroup,
  type ComparedRow,
  type Comparison,
  type Run,
} from '../../../chaos/report/index.ts';
import { abortedRun, failedRun, passedRun, type RunOptions } from './runs.ts';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'sluice-compare-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const month = (index: number): number => Date.UTC(2026, index, 2, 3, 4, 5);

/** Passed runs of successive months, each with what it took to open the breaker. */
function months(seconds: readonly number[], fields: RunOptions = {}): readonly Run[] {
  return seconds.map((took, index) =>
    passedRun({ startedAt: month(index), took: { 'breaker-opens': took }, ...fields }),
  );
}

function compared(...runs: readonly Run[]): Comparison {
  return compareRuns(runs.map((run) => writeReport(run, out)));
}

function rowOf(group: ComparedGroup | undefined, id: string): ComparedRow {
  const row = group?.rows.find((each) => each.id === id);
  if (!row) throw new Error(`there is no row ${id}`);
  return row;
}

describe('runs side by side', () => {
  test('are sorted by time, whatever the order of the folders', () => {
    const [january, february] = months([4, 5]);
    if (!january || !february) throw new Error('there are no runs');
    const [group] = compared(february, january).groups;
    expect(group?.runs.map(({ id }) => id)).toEqual([january.id, february.id]);
    expect(rowOf(group, 'breaker-opens').cells.map((cell) => cell?.seconds)).toEqual([4, 5]);
    expect(group?.runs[0]).toMatchObject({ verdict: 'passed', lost: 0, sent: 9_674, used: 0.0147 });
  });

  test('mark a link that became slower by more than its noise, and no other', () => {
    const [group] = compared(...months([4.2, 4.6, 4, 9.8])).groups;
    expect(group?.rows.filter(({ change }) => change).map(({ id, change }) => [id, change])).toEqual([
      ['breaker-opens', 'slower'],
    ]);
  });

  test.each([
    ['within its noise', [4.2, 4.6, 4, 5.1]],
    ['faster than ever', [4.2, 4.6, 4, 1]],
    ['as slow as it always was now and then', [4, 9, 4, 9, 4, 9]],
    ['the first', [9]],
  ])('mark no time that is %s', (_, seconds) => {
    const [group] = compared(...months(seconds)).groups;
    expect(group?.rows.filter(({ change }) => change)).toEqual([]);
  });

  test('mark what newly fails, and the verdict; not what failed before', () => {
    const [good, bad] = [passedRun({ startedAt: month(0) }), failedRun({ startedAt: month(1) })];
    const { without: _without, ...broken } = bad;
    const [group] = compared(good, broken).groups;
    expect(group?.newlyFails).toBe(true);
    expect(group?.rows.filter(({ change }) => change === 'newly-fails').map(({ id }) => id)).toEqual([
      'breaker-opens',
      'latency-told',
      'lost-critical',
      'p99-critical',
    ]);
    const again = { ...broken, id: 'again', startedAt: month(2), endedAt: month(2) + 1000 };
    const [later] = compareRuns([out, writeReport(again, out)]).groups;
    expect(later?.runs).toHaveLength(3);
    expect(later?.newlyFails).toBe(false);
    expect(later?.rows.filter(({ change }) => change)).toEqual([]);
  });

  test('pass over months in which a link was skipped', () => {
    const [good, aborted] = [passedRun({ startedAt: month(0) }), abortedRun({ startedAt: month(1) })];
    const slow = passedRun({ startedAt: month(2), took: { 'latency-told': 89 } });
    const [group] = compared(good, aborted, slow).groups;
    const row = rowOf(group, 'latency-told');
    expect(row.cells.map((cell) => [cell?.outcome, cell?.seconds])).toEqual([
      ['held', 61.4],
      ['skipped', undefined],
      ['held', 89],
    ]);
    expect(row.change).toBe('slower');
  });

  test('know assertions that only some of them have', () => {
    const [before, after] = [passedRun({ startedAt: month(0) }), passedRun({ startedAt: month(1) })];
    const fewer = { ...before, assertions: before.assertions.filter(({ id }) => id !== 'reverted') };
    const other = { ...after, assertions: after.assertions.filter(({ id }) => id !== 'guard-idle') };
    const [group] = compared(fewer, other).groups;
    expect(rowOf(group, 'reverted').cells.map((cell) => cell?.outcome)).toEqual([undefined, 'held']);
    expect(rowOf(group, 'guard-idle').cells.map((cell) => cell?.outcome)).toEqual(['skipped', undefined]);
  });

  test('stand together only where they were done in the same way', () => {
    const runs = [
      passedRun(),
      passedRun({ id: 'quick', pace: 'quick' }),
      passedRun({ id: 'cluster', target: 'cluster', means: 'chaosMesh' }),
      passedRun({ id: 'other', experiment: 'redis-frozen' }),
      failedRun({ id: 'without' }),
    ];
    expect(compared(...runs).groups.map(({ experiment, how }) => `${experiment}: ${how}`)).toEqual([
      'redis-frozen: local, staging, full pace',
      'upstream-slow: cluster, staging, by Chaos Mesh, full pace',
      'upstream-slow: local, staging, full pace',
      'upstream-slow: local, staging, full pace, without the breaker of the upstream',
      'upstream-slow: local, staging, quick pace',
    ]);
  });
});

describe('the folders', () => {
  test('may hold runs, and a run that is named twice counts once', () => {
    const [first, second] = months([4, 5]).map((run) => writeReport(run, out));
    cpSync(first ?? '', join(out, 'copy'), { recursive: true });
    const { groups, bad } = compareRuns([out, second ?? '']);
    expect(bad).toEqual([]);
    expect(groups.flatMap(({ runs }) => runs)).toHaveLength(2);
  });

  test('that cannot be read are named, and the others compared', () => {
    writeReport(passedRun(), join(out, 'good'));
    mkdirSync(join(out, 'good', 'newer'));
    writeFileSync(join(out, 'good', 'newer', 'report.json'), '{"format":7}');
    mkdirSync(join(out, 'empty'));
    const { groups, bad } = compareRuns([join(out, 'none'), join(out, 'good'), join(out, 'empty')]);
    expect(groups.flatMap(({ runs }) => runs)).toHaveLength(1);
    expect(bad.map(({ problem }) => problem.replace(out, ''))).toEqual([
      '/none/report.json is missing; name the folder of a run, or one that holds such folders',
      expect.stringMatching(/^\/good\/newer\/report\.json has format 7, /),
      '/empty/report.json is missing; name the folder of a run, or one that holds such folders',
    ]);
  });
});

describe('a comparison in a terminal', () => {
  test('is a table of aligned columns, and says what changed', () => {
    const text = formatComparison(compared(...months([4.2, 4.6, 4, 9.8])));
    const [title, head, verdict, ...rows] = text.split('\n');
    expect(title).toBe('upstream-slow: local, staging, full pace');
    expect(head).toMatch(/^ +2026-01-02 03:04 {2}2026-02-02 03:04 {2}2026-03-02 03:04 {2}2026-04-02 03:04$/);
    expect(verdict).toMatch(/^ {2}verdict +passed +passed +passed +passed$/);
    const opens = rows.find((row) => row.includes('upstream-critical opens')) ?? '';
    expect(opens).toMatch(/4\.2 s +4\.6 s +4 s +9\.8 s +▲ slower: usually 4\.2 s, give or take 1 s$/);
    expect(opens.indexOf('9.8 s')).toBe(head?.indexOf('2026-04-02'));
    expect(text).toMatch(/requests lost +0 of 9,674/);
    expect(text).toMatch(/error budget used +1\.47 %/);
    expect(text).not.toContain('GatewayDown stayed silent');
  });

  test('shows the newest runs and says how many are older', () => {
    const text = formatComparison(compared(...months([1, 2, 3, 4, 5, 6, 7])));
    expect(text).toContain('full pace, 2 earlier runs not shown\n');
    expect(text).not.toContain('2026-02-02');
    expect(text).toContain('2026-07-02');
  });

  test('holds nothing that a terminal would obey', () => {
    const text = formatComparison(compared(passedRun({ experiment: 'a\u001b[2J\nb\u009b1m' })));
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(text.split('\n')[0]).toBe('a\uFFFD[2J b\uFFFD1m: local, staging, full pace');
  });

  test('names what could not be compared, and says when there is nothing', () => {
    expect(formatComparison(compareRuns([join(out, 'none')]))).toBe(
      `There is no run to compare.\n\n1 folder could not be compared:\n  ${out}/none/report.json is missing; name the folder of a run, or one that holds such folders\n`,
    );
  });
});

describe('the pages of several runs', () => {
  test('a comparison leads to the pages of its runs from where it lies', () => {
    const folder = join(out, 'months', '2026 <1>');
    const run = passedRun();
    writeReport(run, folder);
    const path = writeComparison(compareRuns([folder]), join(out, 'compared'));
    expect(path).toBe(join(out, 'compared', 'comparison.html'));
    const page = readFileSync(path, 'utf8');
    expect(page).toContain(`href="./../months/2026%20%3C1%3E/${run.id}/report.html"`);
    expect(page).toContain('Nothing became worse');
    expect(readdirSync(join(out, 'compared'))).toEqual(['comparison.html']);
  });

  test('a summary names each run, those that failed first, and is replaced by the next', () => {
    const runs = [passedRun(), failedRun({ id: 'failed-run' }), abortedRun({ id: 'aborted-run' })];
    writeSummary([], out);
    const path = writeSummary(runs, out);
    const page = readFileSync(path, 'utf8');
    expect(path).toBe(join(out, 'index.html'));
    expect(page).toContain('1 of 3 experiments passed');
    const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);
    expect(links).toEqual(['failed-run', 'aborted-run', runs[0]?.id].map((id) => `./${id ?? ''}/report.html`));
    expect(readdirSync(out).sort()).toEqual(['index.html', 'junit.xml']);
  });
});
