import { describe, expect, test } from '@jest/globals';
import { judge, type Evidence, type Figures } from '../../../alerts/rollback/index.ts';
import { build, POLICY } from './drive.ts';

const GOOD: Figures = { requests: 500, failed: 0.001, timed: 500, fast: 0.99 };
const BAD: Figures = { ...GOOD, failed: 0.05 };
const target = { hash: 'good', release: build('good').release, version: '1.0.0' };

const EVIDENCE: Evidence = {
  at: 1_800_000_000_000,
  waited: 1000,
  resolved: false,
  isCurrent: true,
  age: 60_000,
  previous: 'good',
  answers: true,
  sample: { at: 1_800_000_000_000, release: BAD, previous: GOOD },
  isPaused: false,
  wasRolledBack: false,
  safeFrom: '0.0.0',
  target,
  unusable: [],
};

const { sample: _, ...SILENT } = EVIDENCE;
const { target: __, previous: ___, ...FIRST } = EVIDENCE;
const order = { by: 'ada', reason: 'it looks wrong' };
const LATE = POLICY.patience;

function sample(release: Partial<Figures>, previous: Partial<Figures> = {}): Partial<Evidence> {
  return { sample: { at: EVIDENCE.at, release: { ...BAD, ...release }, previous: { ...GOOD, ...previous } } };
}

describe('judge', () => {
  test.each<[string, Evidence, string, string]>([
    ['a bad release beside a good one', EVIDENCE, 'bad', 'roll-back'],
    ['a slow one', { ...EVIDENCE, ...sample({ failed: 0, fast: 0.9 }) }, 'bad', 'roll-back'],
    ['one that is no longer wanted', { ...EVIDENCE, isCurrent: false, order }, 'superseded', 'dismiss'],
    ['the last moment of the window', { ...EVIDENCE, age: 360_000 }, 'bad', 'roll-back'],
    ['one after it', { ...EVIDENCE, age: 360_001 }, 'window-over', 'refuse'],
    ['one that was rolled back before', { ...EVIDENCE, wasRolledBack: true }, 'once', 'refuse'],
    ['no answer of Prometheus', { ...SILENT, answers: false }, 'prometheus-silent', 'wait'],
    ['none for too long', { ...SILENT, answers: false, waited: LATE }, 'prometheus-silent', 'inconclusive'],
    ['figures within the limits', { ...EVIDENCE, ...sample(GOOD) }, 'not-confirmed', 'wait'],
    [
      'figures exactly at the limits',
      { ...EVIDENCE, ...sample({ failed: 0.02, fast: 0.95 }) },
      'not-confirmed',
      'wait',
    ],
    ['the same for too long', { ...EVIDENCE, ...sample(GOOD), waited: LATE }, 'not-confirmed', 'dismiss'],
    ['the same when the alert is over', { ...EVIDENCE, ...sample(GOOD), resolved: true }, 'not-confirmed', 'dismiss'],
    ['bad figures when the alert is over', { ...EVIDENCE, resolved: true }, 'bad', 'roll-back'],
    ['too few requests', { ...EVIDENCE, ...sample({ requests: 99, timed: 99 }) }, 'sample-too-small', 'wait'],
    [
      'the same for too long',
      { ...EVIDENCE, ...sample({ requests: 99 }), waited: LATE },
      'sample-too-small',
      'inconclusive',
    ],
    ['just enough', { ...EVIDENCE, ...sample({ requests: 100, timed: 0 }) }, 'bad', 'roll-back'],
    [
      'too few to call it slow',
      { ...EVIDENCE, ...sample({ failed: 0, timed: 99, fast: 0 }) },
      'sample-too-small',
      'wait',
    ],
    ['few of the version before', { ...EVIDENCE, ...sample({}, { requests: 99 }) }, 'previous-too-small', 'wait'],
    [
      'the same for too long',
      { ...EVIDENCE, ...sample({}, { requests: 99 }), waited: LATE },
      'previous-too-small',
      'inconclusive',
    ],
    ['both bad', { ...EVIDENCE, ...sample({}, { failed: 0.021 }) }, 'cause-elsewhere', 'refuse'],
    ['errors here, slowness there', { ...EVIDENCE, ...sample({}, { fast: 0.5 }) }, 'bad', 'roll-back'],
    ['both slow, errors here alone', { ...EVIDENCE, ...sample({ fast: 0.5 }, { fast: 0.5 }) }, 'bad', 'roll-back'],
    ['a freeze', { ...EVIDENCE, frozen: { until: EVIDENCE.at + 1, reason: 'the sale' } }, 'frozen', 'refuse'],
    ['a paused Deployment', { ...EVIDENCE, isPaused: true }, 'paused', 'refuse'],
    ['a schema that goes no further back', { ...EVIDENCE, safeFrom: '1.0.1' }, 'schema', 'refuse'],
    ['one that does', { ...EVIDENCE, safeFrom: '1.0.0' }, 'bad', 'roll-back'],
    ['the first release', FIRST, 'no-target', 'refuse'],
    ['another rollback just before', { ...EVIDENCE, sinceRollback: 899_999 }, 'cooldown', 'refuse'],
    ['one before that', { ...EVIDENCE, sinceRollback: 900_000 }, 'bad', 'roll-back'],
    ['a quota that is used up', { ...EVIDENCE, room: 0 }, 'no-room', 'wait'],
    ['the same for too long', { ...EVIDENCE, room: 0, waited: LATE }, 'no-room', 'refuse'],
    ['one that is not', { ...EVIDENCE, room: 1 }, 'bad', 'roll-back'],
    ['an order on a good release', { ...EVIDENCE, ...sample(GOOD), order }, 'order', 'roll-back'],
    [
      'an order beyond window, cooldown and freeze',
      { ...SILENT, age: 1e9, sinceRollback: 1, frozen: { until: 2e12, reason: 'the sale' }, order },
      'order',
      'roll-back',
    ],
    ['an order without a release to go back to', { ...FIRST, order }, 'no-target', 'refuse'],
    ['an order against the schema', { ...EVIDENCE, safeFrom: '2.0.0', order }, 'schema', 'refuse'],
    ['an order without room', { ...EVIDENCE, room: 0, order, waited: LATE }, 'no-room', 'refuse'],
  ])('of %s', (_title, evidence, rule, answer) => {
    expect(judge(evidence, POLICY)).toMatchObject({ rule, answer });
  });

  test('tells the numbers', () => {
    expect(judge(EVIDENCE, POLICY).reason).toBe(
      'the release is bad, and the version before is not: 5% of 500 failed (at most 2%) and 99% of 500 were fast ' +
        '(at least 95%); of the version before 0.1% of 500 failed (at most 2%) and 99% of 500 were fast (at least 95%)',
    );
    expect(judge({ ...EVIDENCE, ...sample(GOOD), waited: LATE }, POLICY).reason).toBe(
      'the figures of the release are within the limits: 0.1% of 500 failed (at most 2%) and 99% of 500 were fast ' +
        '(at least 95%); waited 20 s of 20 s',
    );
  });
});
