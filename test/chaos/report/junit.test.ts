import { describe, expect, test } from '@jest/globals';
import { junit } from '../../../chaos/report/junit.ts';
import { abortedRun, failedRun, neverInjectedRun, passedRun } from './runs.ts';
import { parseXml, type Element } from './xml.ts';

const parse = (...runs: Parameters<typeof junit>[0]): Element => parseXml(junit(runs));
const named = (element: Element | undefined, name: string): readonly Element[] =>
  element?.children.filter((child) => child.name === name) ?? [];
const caseOf = (suite: Element | undefined, start: string): Element | undefined =>
  named(suite, 'testcase').find(({ attributes }) => attributes.name?.startsWith(start));

describe('JUnit XML', () => {
  test('has a suite per run and a case per assertion, and counts them', () => {
    const [passed, failed] = [passedRun(), failedRun()];
    const root = parse(passed, failed);
    expect(root.name).toBe('testsuites');
    expect(root.attributes).toMatchObject({ tests: '26', failures: '4', errors: '0', skipped: '3' });
    const suites = named(root, 'testsuite');
    expect(suites.map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ name: 'upstream-slow', tests: '13', failures: '0', skipped: '1', time: '230.000' }),
      expect.objectContaining({ name: 'upstream-slow', tests: '13', failures: '4', skipped: '2' }),
    ]);
    expect(suites[0]?.attributes.timestamp).toBe('2026-01-02T03:04:05');
    expect(named(suites[0], 'testcase')).toHaveLength(passed.assertions.length);
  });

  test('says what was measured and allowed of what broke, and why something was skipped', () => {
    const [suite] = named(parse(failedRun()), 'testsuite');
    const late = caseOf(suite, 'latency-told: ');
    expect(late?.attributes).toEqual({
      name: 'latency-told: GatewayLatencyHigh fires',
      classname: 'drill.upstream-slow without the breaker of the upstream',
      time: '104.500',
    });
    expect(late?.children).toEqual([
      {
        name: 'failure',
        attributes: { message: 'measured 104.5 s, allowed 90 s', type: 'link' },
        children: [],
        text: 'GatewayLatencyHigh fires: measured 104.5 s, allowed 90 s',
      },
    ]);
    expect(caseOf(suite, 'guard-idle: ')?.children).toEqual([
      {
        name: 'skipped',
        attributes: { message: 'there is no guard on this machine' },
        children: [],
        text: '',
      },
    ]);
    expect(caseOf(suite, 'steady-again: ')?.children).toEqual([]);
  });

  test.each([
    ['after the fault', abortedRun()],
    ['before it', neverInjectedRun()],
  ])('is not green of a run that was broken off %s', (_, run) => {
    const root = parse(run);
    expect(root.attributes.errors).toBe('1');
    const [error] = caseOf(named(root, 'testsuite')[0], 'the drill ran to its end')?.children ?? [];
    expect(error).toMatchObject({ name: 'error', attributes: { type: 'aborted', message: run.reason } });
  });

  test('names the run, and the command that repeats it, in its properties', () => {
    const [properties] = named(named(parse(passedRun()), 'testsuite')[0], 'properties');
    const values = named(properties, 'property').map(({ attributes }) => [attributes.name, attributes.value]);
    expect(Object.fromEntries(values)).toEqual({
      run: 'upstream-slow-20260102T030405Z',
      verdict: 'passed',
      target: 'local',
      namespace: 'sluice-staging',
      pace: 'full',
      means: 'local',
      seed: '42',
      repeat: 'npx sluice drill --experiment upstream-slow --seed 42 --out drills',
    });
  });

  test('stays well-formed whatever the run says', () => {
    const hostile = `</failure>]]><!-- &amp; "'\u0000\u001b[31m\u202e\ud800 \n🚦`;
    const [assertion] = passedRun().assertions;
    if (!assertion) throw new Error('there is no assertion');
    const run = failedRun({
      experiment: hostile,
      reason: hostile,
      assertions: [{ ...assertion, outcome: 'broke', title: hostile, measured: hostile }],
    });
    const [suite] = named(parse(run), 'testsuite');
    expect(suite?.attributes.name).toBe(`</failure>]]><!-- &amp; "'\uFFFD\uFFFD[31m\uFFFD\uFFFD 🚦`);
    expect(named(suite, 'testcase')).toHaveLength(1);
  });

  test('is well-formed of no run', () => {
    expect(parse().attributes.tests).toBe('0');
  });
});
