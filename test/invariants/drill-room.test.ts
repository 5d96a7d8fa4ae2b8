import { expect, test } from '@jest/globals';
import { checkService, formatFix } from '../../infra/invariants/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { describeCases, type Case } from './case.ts';

const RULE = { rule: 'drill-room', environment: 'staging' } as const;

const CASES: readonly Case[] = [
  {
    ...RULE,
    path: 'limits.tiers.drill.routes.search',
    broken: ['limits.tiers.drill.routes.search=49/s'],
    sound: ['limits.tiers.drill.routes.search=50/s'],
    problem:
      '49/s of limits.tiers.drill.routes.search (49/s) < 2 tries × 25/s = 50/s that a drill asks by bad-release-errors',
    fix: 'limits.tiers.drill.routes.search.window=50/s',
  },
  {
    ...RULE,
    path: 'limits.tiers.drill.limit',
    broken: ['limits.tiers.drill.limit.bucket.refill=51/s'],
    sound: ['limits.tiers.drill.limit.bucket.refill=52/s'],
    problem:
      '51/s of limits.tiers.drill.limit (bucket of 100, 51/s) < 2 tries × 26/s = 52/s that a drill asks by bad-release-errors',
    fix: 'limits.tiers.drill.limit.bucket.refill=52/s',
  },
  {
    ...RULE,
    path: 'ai.providers.sample.models.sample.requests',
    broken: ['ai.providers.sample.models.sample.requests=1/s'],
    sound: ['ai.providers.sample.models.sample.requests=4/s'],
    problem:
      '1/s ai.providers.sample.models.sample.requests < 2 tries × 2/s = 4/s that a drill asks by provider-429-storm',
    fix: 'ai.providers.sample.models.sample.requests=4/s',
  },
  {
    ...RULE,
    path: 'limits.key',
    broken: ['limits.key=23/min'],
    sound: ['limits.key=24/min'],
    problem: '21 users of a drill, for 2 tries × 4/s with sessions by limits.key (23/min) > 20 that a drill may log in',
    fix: 'limits.key.window=1/s',
  },
  {
    ...RULE,
    path: 'drills.deadline',
    broken: ['drills.deadline=15029s'],
    sound: ['drills.deadline=15030s'],
    problem: '15029s drills.deadline < 13230s that 17 experiments take at most + 2 × 15m release.cooldown = 15030s',
    fix: 'drills.deadline=15031s',
  },
];

describeCases(CASES);

test('only what a drill runs needs room', () => {
  const room = ['drills.deadline=10m', 'limits.tiers.drill.routes.chat=1/min'];
  const one = withValues(definition.staging, room);
  expect(checkService({ ...one, drills: { ...one.drills, experiments: ['pod-kill'] } })).toEqual([]);
  expect(checkService({ ...one, drills: { ...one.drills, enabled: false } })).toEqual([]);
  expect(checkService(one).map(({ path }) => path)).toEqual(['limits.tiers.drill.routes.chat', 'drills.deadline']);
});

test('a definition without the tier is told to add it', () => {
  const { limits, ...staging } = definition.staging;
  const { drill: _, ...tiers } = limits.tiers;
  const findings = checkService({ ...staging, limits: { ...limits, tiers } });

  expect(findings.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
    'drill-room routes.search.limit',
    'drill-room routes.chat.limit',
    'drill-room limits.key',
  ]);
  expect(findings.flatMap(({ fixes }) => fixes.map(formatFix)).join()).toContain("add a tier 'drill' to limits.tiers");
});

test('a limit in shadow holds nobody', () => {
  expect(
    checkService(
      withValues(definition.staging, [
        'limits.tiers.drill.routes.search.window=1/min',
        'limits.tiers.drill.routes.search.shadow=true',
      ]),
    ),
  ).toEqual([]);
});
