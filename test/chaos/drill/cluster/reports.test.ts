import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { readReports, writeReport } from '../../../../chaos/drill/cluster/runner/reports.ts';
import type { Run } from '../../../../chaos/report/run.ts';
import { keptPlace } from './kept-objects.ts';

const OWNER = { apiVersion: 'batch/v1', kind: 'Job', name: 'drill-1', uid: 'u-1' };

const run = (id: string, startedAt: number, reason = 'all held'): Run =>
  ({ format: 1, id, experiment: 'redis-lost', startedAt, verdict: 'passed', reason }) as Run;

test('a report is read as it was written, and goes with the Job that has run it', async () => {
  const place = keptPlace('shop');
  const [early, late] = [run('redis-lost-20260102T030405Z', 1_000), run('pod-kill-20260102T040405Z', 2_000)];

  await writeReport(place, late, OWNER);
  await writeReport(place, early, OWNER);

  expect(await readReports(place)).toEqual([early, late]);
  expect(await readReports(place, 1_500)).toEqual([late]);
  for (const { metadata } of place.made()) expect(metadata.ownerReferences).toEqual([OWNER]);
});

test('one that a ConfigMap cannot hold is split, and is none where a part of it is gone', async () => {
  const place = keptPlace('shop');
  // Nothing that could be packed.
  const large = run('redis-lost-20260102T030405Z', 1_000, randomBytes(1_500_000).toString('base64'));

  const names = await writeReport(place, large, undefined);

  expect(names.length).toBeGreaterThan(1);
  expect(await readReports(place)).toEqual([large]);
  await place.remove('ConfigMap', names[1] ?? '');
  expect(await readReports(place)).toEqual([]);
});

test('what somebody else has written is no report', async () => {
  const place = keptPlace('shop', [
    {
      kind: 'ConfigMap',
      name: 'drill-report-of-nobody',
      metadata: {
        labels: { 'sluice/drill-report': 'x', 'app.kubernetes.io/component': 'drill' },
        annotations: { 'sluice/part': '1 of 1' },
      },
      data: { 'report.json.gz.base64': 'bm8=' },
    },
  ]);

  expect(await readReports(place)).toEqual([]);
});
