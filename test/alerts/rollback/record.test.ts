import { expect, test } from '@jest/globals';
import { explainRecord, parseRecord, recordOf, type ReleaseRecord } from '../../../alerts/rollback/index.ts';
import { build, POLICY, settledDrive } from './drive.ts';
import { FAILS } from './traffic.ts';

function recordOfBad(): ReleaseRecord {
  const one = settledDrive();
  one.release(build('bad'), FAILS);
  one.until(() => one.outcome('bad') === 'restored');
  const record = [...one.world.records.values()].find(({ hash }) => hash === 'bad');
  if (!record) throw new Error('there is no record');
  return record;
}

test('a record tells who, when, what was seen, what was decided, and how long it took', () => {
  const record = recordOfBad();

  expect(record).toMatchObject({
    format: 1,
    hash: 'bad',
    release: { id: 'bad-c0ffee', image: 'sluice@sha256:bad', configuration: 'c0ffee' },
    writer: 'pulumi',
    previous: { hash: 'good' },
    trigger: { kind: 'firing', name: 'ReleaseErrorsHigh' },
    decision: { verdict: { answer: 'roll-back', rule: 'bad' }, policy: POLICY },
    restore: { target: { hash: 'good' }, before: { surge: 1, minReadySeconds: 20 } },
    outcome: 'restored',
  });
  expect((record.windowEndsAt ?? 0) - (record.firstReadyAt ?? 0)).toBe(300_000);
  expect(record.samples.length).toBeGreaterThan(0);
  const { detection = 0, restore = 0, whole } = record.timings;
  expect(detection).toBeGreaterThanOrEqual(POLICY.pending);
  expect(whole).toBe(detection + restore);
  expect(record.ending).toMatch(/^good serves again, \d+ s after the decision$/);
});

test('a record is read as it was written', () => {
  const record = recordOfBad();
  expect(parseRecord(JSON.stringify(record))).toEqual(record);
});

test.each<[string, (record: ReleaseRecord) => unknown, RegExp]>([
  [
    'another format',
    (record) => ({ ...record, format: 2 }),
    /^the record cannot be used: format is 2: 1: another version/,
  ],
  ['a field that is not known', (record) => ({ ...record, more: 1 }), /Unrecognized key: "more"/],
  ['a number that is text', (record) => ({ ...record, endedAt: 'now' }), /endedAt is "now": /],
  ['a field that is missing', ({ ending: _, ...record }) => record, /ending is missing: /],
])('a record with %s is refused with the place', (_, change, message) => {
  expect(() => parseRecord(JSON.stringify(change(recordOfBad())))).toThrow(message);
});

test('a decision made again from its record is the same, and tells each rule', () => {
  const explanation = explainRecord(recordOfBad());

  expect(explanation?.same).toBe(true);
  expect(explanation?.rules.map(({ id, held }) => `${id} ${held}`)).toEqual([
    'superseded false',
    'window-over false',
    'once false',
    'prometheus-silent false',
    'not-confirmed false',
    'sample-too-small false',
    'previous-too-small false',
    'cause-elsewhere false',
    'frozen false',
    'paused false',
    'schema false',
    'no-target false',
    'cooldown false',
    'no-room false',
    'order false',
    'bad true',
  ]);
  expect(explanation?.rules.find(({ id }) => id === 'cause-elsewhere')?.detail).toMatch(
    /^of the version before 0.1% of/,
  );
});

test('a record whose evidence was changed afterwards no longer explains its decision', () => {
  const record = recordOfBad();
  if (!record.decision) throw new Error('nothing was decided');
  const evidence = { ...record.decision.evidence, isPaused: true };

  expect(explainRecord({ ...record, decision: { ...record.decision, evidence } })).toMatchObject({
    same: false,
    recorded: { rule: 'bad' },
    again: { rule: 'paused' },
  });
});

test('rules that an order stands above are not asked', () => {
  const one = settledDrive();
  one.release(build('next'));
  one.until(() => one.outcome('next') === 'proven');
  one.order('next');
  one.until(() => one.outcome('next') === 'restored');
  const [last] = [...one.world.records.values()].slice(-1);
  const explanation = last && explainRecord(last);

  expect(explanation?.same).toBe(true);
  expect(explanation?.rules.find(({ id }) => id === 'not-confirmed')?.held).toBeUndefined();
  expect(explanation?.rules.find(({ id }) => id === 'order')).toMatchObject({
    held: true,
    detail: 'ada: it looks wrong',
  });
});

test('where nothing was decided there is nothing to explain', () => {
  const one = settledDrive();
  const [record] = [...one.world.records.values()];
  expect(record?.outcome).toBe('proven');
  expect(record && explainRecord(record)).toBeUndefined();
});

test('a decision is recorded with the policy that it was made by, whatever the guard goes by since', () => {
  const one = settledDrive();
  one.release(build('bad'), FAILS);
  one.until(() => one.outcome('bad') === 'restored');
  const { watch } = one.store.state;

  expect(watch && recordOf(watch, { ...POLICY, errors: 0.5 }).decision?.policy).toEqual(POLICY);
});

test('a watch that has not ended has no record', () => {
  const one = settledDrive();
  one.release(build('next'));
  one.run(30);
  const { watch } = one.store.state;
  expect(() => watch && recordOf(watch, POLICY)).toThrow(/^the watch next-\d+ has not ended$/);
});
