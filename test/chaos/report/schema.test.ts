import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { z } from 'zod';
import { reportSchema, type Run } from '../../../chaos/report/index.ts';
import { findingsOf, runSchema } from '../../../chaos/report/schema.ts';
import { abortedRun, failedRun, neverInjectedRun, passedRun } from './runs.ts';

type Fixed<T> = { readonly [Key in keyof T]: Fixed<T[Key]> };

/** Does not compile where the type of a run has a field, or a value, that the schema does not take. */
const takesEveryRun: Run extends Fixed<z.input<typeof runSchema>> ? true : never = true;

const RUNS: readonly (readonly [string, Run])[] = [
  ['passed', passedRun()],
  ['failed', failedRun()],
  ['aborted', abortedRun()],
  ['never injected', neverInjectedRun()],
];

describe('the schema', () => {
  test.each(RUNS)('takes a run that was %s', (_, run) => {
    expect(takesEveryRun).toBe(true);
    expect(findingsOf(run)).toEqual([]);
  });

  test.each(RUNS)('is documented as JSON Schema, which takes a run that was %s too', (_, run) => {
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(reportSchema());
    expect(validate(run) || validate.errors).toBe(true);
    expect(validate({ ...run, verdict: 'splendid' })).toBe(false);
    expect(validate({ ...run, more: 1 })).toBe(false);
  });

  test('is committed as the documents name it', () => {
    const committed = readFileSync(new URL('../../../docs/drill-report.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(committed)).toEqual(reportSchema());
  });
});

describe('a report that contradicts itself is refused', () => {
  const { fault: _fault, ...unharmed } = passedRun();
  test.each<readonly [string, Run, string]>([
    [
      'passed, and something broke',
      { ...failedRun(), verdict: 'passed' },
      "verdict: is 'passed' although breaker-opens, latency-told, lost-critical, p99-critical broke; it must be 'failed' or 'aborted'",
    ],
    [
      'failed, and nothing broke',
      passedRun({ verdict: 'failed' }),
      "verdict: is 'failed' although no assertion broke; name the one that did, or say 'aborted'",
    ],
    [
      'passed, and nothing was injected',
      unharmed,
      "fault: is absent of a run that 'passed': without a fault nothing was shown",
    ],
    ['ended before it began', passedRun({ endedAt: 5 }), 'endedAt: 5 is before startedAt 1767323045000'],
    [
      'taken back before it was injected',
      passedRun({ fault: { title: 'none', injectedAt: 9, revertedAt: 8 } }),
      'fault: revertedAt 8 is before injectedAt 9',
    ],
    [
      'an assertion twice',
      passedRun({ assertions: [...passedRun().assertions, ...passedRun().assertions.slice(2, 3)] }),
      "assertions: holds 'latency-told' twice; every id must be unique",
    ],
  ])('%s', (_, run, finding) => {
    expect(findingsOf(run)).toEqual([finding]);
  });

  test.each<readonly [string, object, string]>([
    ['more than all were allowed to fail', { budget: { allowed: 2, bad: 0, requests: 0, used: 0 } }, 'budget.allowed'],
    ['a time that is none', { startedAt: -1 }, 'startedAt'],
    [
      'a value that is none',
      { series: [{ id: 'a', title: 'a', unit: 'count', points: [[1, '2']] }] },
      'series.0.points.0.1',
    ],
    ['a unit that is none', { series: [{ id: 'a', title: 'a', unit: 'miles', points: [] }] }, 'series.0.unit'],
    ['half a request', { lanes: [{ lane: 'a', sent: 0.5, failedOnce: 0, lost: 0, reasons: {} }] }, 'lanes.0.sent'],
    ['no reason', { reason: '' }, 'reason'],
  ])('%s', (_, fields, path) => {
    expect(findingsOf({ ...passedRun(), ...fields }).map((finding) => finding.split(':')[0])).toContain(path);
  });
});
