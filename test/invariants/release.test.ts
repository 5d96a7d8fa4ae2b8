import { expect, test } from '@jest/globals';
import { checkService } from '../../infra/invariants/index.ts';
import { definition, parseService, withValues } from '../../service/definition/index.ts';
import { describeCases, settingsOf, type Case } from './case.ts';

const ARRIVING = '4/s load.lowest ÷ (2 scaling.min + 1 surge + 1 baseline) + 5/s probes = 6/s';

const CASES: readonly Case[] = [
  {
    rule: 'detection-budget',
    path: 'release.detectionDeadline',
    broken: ['release.detectionDeadline=47s'],
    sound: ['release.detectionDeadline=48s'],
    problem:
      '5s discovery + 2 × 5s scrape + 5s evaluation + 10s for + 0s group wait + 1s delivery + 17s to fill the sample = 48s > 47s release.detectionDeadline',
    fix: 'release.probes=6/s',
  },
  {
    rule: 'detection-budget',
    path: 'release.detectionDeadline',
    broken: ['monitoring.scrapeInterval=12s'],
    sound: ['monitoring.scrapeInterval=11s'],
    problem:
      '5s discovery + 2 × 12s scrape + 5s evaluation + 10s for + 0s group wait + 1s delivery + 17s to fill the sample = 62s > 60s release.detectionDeadline',
    fix: 'release.probes=6/s',
  },
  {
    rule: 'detection-budget',
    path: 'release.detectionDeadline',
    // A rule that must hold for 21 s is seen to have held for 25 s, at the next evaluation.
    broken: ['release.for=21s', 'release.delivery=2s', 'release.groupWait=0s', 'monitoring.scrapeInterval=4s'],
    sound: ['release.for=20s', 'release.delivery=2s', 'release.groupWait=0s', 'monitoring.scrapeInterval=4s'],
    problem:
      '5s discovery + 2 × 4s scrape + 5s evaluation + 25s for + 0s group wait + 2s delivery + 17s to fill the sample = 62s > 60s release.detectionDeadline',
    fix: 'release.probes=6/s',
  },
  {
    rule: 'detection-budget',
    path: 'release.watch',
    broken: ['release.watch=47s'],
    sound: ['release.watch=48s'],
    problem:
      '5s discovery + 2 × 5s scrape + 5s evaluation + 10s for + 0s group wait + 1s delivery + 17s to fill the sample = 48s > 47s release.watch, after which a release is proven good',
    fix: 'release.watch=48s',
  },
  {
    rule: 'restore-budget',
    path: 'release.restoreDeadline',
    broken: ['release.restoreDeadline=87s'],
    sound: ['release.restoreDeadline=88s'],
    problem:
      '48s to detect + 6 HPA max ÷ 3 restoreSurge, rounded up, = 2 × 20s timeToReady = 88s > 87s release.restoreDeadline',
    // A surge of six would do it too, and ask Postgres for more connections than it accepts.
    fix: 'release.restoreDeadline=88s',
  },
  {
    rule: 'restore-budget',
    path: 'release.restoreDeadline',
    broken: ['release.restoreSurge=1'],
    sound: ['release.restoreSurge=2'],
    problem:
      '48s to detect + 6 HPA max ÷ 1 restoreSurge, rounded up, = 6 × 20s timeToReady = 168s > 120s release.restoreDeadline',
    fix: 'release.restoreSurge=2',
  },
  {
    rule: 'sample-floor',
    path: 'release.minimumSample',
    broken: ['release.window=16s'],
    sound: ['release.window=17s'],
    problem: `16s release.window × (${ARRIVING}) = 96 requests < 100 release.minimumSample`,
    fix: 'release.probes=6/s',
  },
  {
    rule: 'sample-floor',
    path: 'release.window',
    // With the guard its rules look back as far, which is told as well.
    broken: ['release.window=17s', 'monitoring.scrapeInterval=9s', 'release.guard.mode=off'],
    sound: ['release.window=18s', 'monitoring.scrapeInterval=9s'],
    problem: '17s release.window < 2 × 9s monitoring.scrapeInterval, without which there is no rate',
    fix: 'release.window=18s',
  },
  {
    rule: 'bake-time',
    path: 'rollout.minReady',
    broken: ['rollout.minReady=16s'],
    sound: ['rollout.minReady=17s'],
    problem: `16s rollout.minReady < 100 requests ÷ (${ARRIVING}) = 17s`,
    fix: 'rollout.minReady=17s',
  },
  {
    rule: 'capacity',
    path: 'scaling.max',
    broken: ['load.perPod=83/s', 'datastores.postgres.maxConnections=127'],
    sound: ['load.perPod=84/s'],
    problem: '6 HPA max × 83/s load.perPod = 498/s < 500/s load.peak',
    fix: 'scaling.max=7',
  },
];

describeCases(CASES);

test('without probes the users alone fill the sample, and a quiet hour is told with the probes that it needs', () => {
  const { release, load, ...rest } = definition.prod;
  const alone = parseService({ ...rest, load, release: { ...release, probes: undefined } });
  const findings = checkService(alone);

  expect(findings.map(({ rule }) => rule)).toEqual(['detection-budget', 'restore-budget', 'sample-floor', 'bake-time']);
  expect(findings[2]?.problem).toBe(
    '30s release.window × (4/s load.lowest ÷ (2 scaling.min + 1 surge + 1 baseline) = 1/s) = 30 requests < 100 release.minimumSample',
  );
  expect(findings[2]?.fixes[0]).toEqual({ settings: ['release.probes=3/s'] });
  expect(checkService(withValues(alone, ['load.lowest=24/s']))).toEqual([]);
});

test('a peak that the pods answer only beyond what Postgres takes is not sent in a circle', () => {
  const [finding] = checkService(withValues(definition.prod, ['load.perPod=62/s']));

  expect(finding).toMatchObject({ rule: 'capacity', numbers: { left: 372, right: 500, unit: 'requests/s' } });
  expect(finding?.fixes).toEqual([{ edit: expect.stringContaining('scaling.max=9 ends it, and breaks another rule') }]);
});

test('a surge is proposed for a restore where Postgres takes the connections of its pods, and not elsewhere', () => {
  const proposed = (values: readonly string[]) =>
    settingsOf(checkService(withValues(definition.prod, ['release.restoreDeadline=87s', ...values])));

  expect(proposed(['datastores.postgres.maxConnections=145'])).toContainEqual(['release.restoreSurge=6']);
  expect(proposed(['datastores.postgres.maxConnections=144'])).not.toContainEqual(['release.restoreSurge=6']);
});
