import { expect, test } from '@jest/globals';
import { EMPTY_STATE } from '../../../../alerts/rollback/index.ts';
import {
  EMPTY_JOURNAL,
  formatJournal,
  journalStore,
  type Journal,
} from '../../../../chaos/drill/cluster/journal/index.ts';
import { obstacleInWords, preflight } from '../../../../chaos/drill/cluster/preflight/preflight.ts';
import type { PreflightContext } from '../../../../chaos/drill/cluster/preflight/checks.ts';
import { definition, withValues } from '../../../../service/definition/index.ts';
import { keptPlace, type Kept } from './kept-objects.ts';

const NOW = Date.parse('2026-03-01T10:30:00Z');
const SERVICE = withValues(definition.staging, [
  'drills.enabled=true',
  'drills.schedule=0 10 1 * *',
  'namespace=shop-staging',
]);
const ROLLED_OUT = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2, observedGeneration: 1 };

const OBJECTS: readonly Kept[] = [
  { kind: 'Namespace', name: 'shop-staging', metadata: { labels: { 'sluice/drills': 'allowed' } } },
  { kind: 'Deployment', name: 'drill-keeper', spec: { replicas: 1 }, status: { readyReplicas: 1 } },
  { kind: 'Deployment', name: 'gateway', spec: { replicas: 2, template: {} }, status: ROLLED_OUT },
  { kind: 'ConfigMap', name: 'sluice-drill' },
  { kind: 'ConfigMap', name: 'sluice-guard', data: { state: JSON.stringify(EMPTY_STATE) } },
];

type Given = {
  readonly objects?: readonly Kept[];
  readonly service?: typeof SERVICE;
  readonly journal?: Partial<Journal>;
  readonly query?: PreflightContext['query'];
  readonly fields?: Partial<PreflightContext>;
};

/** Ids of the checks that do not hold, and everything that is said of them. */
async function look({ objects = [], service = SERVICE, journal, query, fields }: Given = {}) {
  const named = new Map([...OBJECTS, ...objects].map((each) => [`${each.kind}/${each.name}`, each]));
  if (journal) {
    const data = { journal: formatJournal({ ...EMPTY_JOURNAL, ...journal }) };
    named.set('ConfigMap/sluice-drill', { kind: 'ConfigMap', name: 'sluice-drill', data });
  }
  const place = keptPlace(service.namespace, [...named.values()]);
  const found = await preflight({
    service,
    place,
    store: journalStore(place),
    query: query ?? (() => Promise.resolve([])),
    now: () => NOW,
    bySchedule: true,
    seat: undefined,
    ...fields,
  });
  return { ids: found.map(({ check }) => check.id), words: found.map(obstacleInWords).join('\n') };
}

const release = (fields: object): Kept => ({
  kind: 'ConfigMap',
  name: 'sluice-guard',
  data: { state: JSON.stringify({ ...EMPTY_STATE, ...fields }) },
});

test('nothing stands in the way of a drill of staging in its window', async () => {
  expect(await look()).toEqual({ ids: [], words: '' });
});

test.each<[string, Given, string, RegExp]>([
  [
    'production by its environment',
    { service: withValues(definition.prod, ['namespace=shop-staging']) },
    'not-production',
    /this is prod/,
  ],
  [
    'production by the name of its namespace',
    {
      service: withValues(SERVICE, ['namespace=shop-production']),
      objects: [{ kind: 'Namespace', name: 'shop-production', metadata: { labels: { 'sluice/drills': 'allowed' } } }],
    },
    'not-production',
    /'shop-production'/,
  ],
  [
    'drills that are not enabled',
    { service: withValues(SERVICE, ['drills.enabled=false']) },
    'namespace-allowed',
    /false/,
  ],
  [
    'a namespace that nobody allows to be drilled',
    { objects: [{ kind: 'Namespace', name: 'shop-staging', metadata: {} }] },
    'namespace-allowed',
    /sluice\/drills is missing/,
  ],
  ['a schedule that has passed', { fields: { now: () => NOW + 7_200_000 } }, 'in-window', /more than 2h ago/],
  [
    'a keeper that is away',
    { objects: [{ kind: 'Deployment', name: 'drill-keeper', spec: {}, status: {} }] },
    'keeper-alive',
    /no pod of drill-keeper/,
  ],
  [
    'somebody else who drills',
    { journal: { runner: { id: 'drill-1', by: 'drill-abc', beat: 1, experiment: 'redis-lost' } } },
    'alone',
    /drill-abc does: redis-lost/,
  ],
  [
    'a fault that is left',
    { journal: { done: [{ id: 'w-1', experiment: 'x', state: 'reverting', until: 1, undo: [], touched: [] }] } },
    'no-leftovers',
    /w-1 is reverting/,
  ],
  [
    'pods that are being replaced',
    {
      objects: [
        {
          kind: 'Deployment',
          name: 'gateway',
          spec: { replicas: 2, template: {} },
          status: { ...ROLLED_OUT, updatedReplicas: 1 },
        },
      ],
    },
    'no-open-release',
    /being replaced/,
  ],
  [
    'a guard that has just gone back',
    { objects: [release({ lastRollbackAt: NOW - 1_000 })] },
    'no-open-release',
    /went back/,
  ],
  [
    'a budget that is spent',
    {
      query: (promql) => Promise.resolve([{ labels: {}, value: promql.includes('events_bad') ? 800 : 1_000_000 }]),
    },
    'budget-left',
    /20\.0 % is left/,
  ],
  [
    'a Prometheus that does not answer',
    { query: () => Promise.reject(new Error('connection refused')) },
    'budget-left',
    /cannot be told: connection refused/,
  ],
])('%s is in the way', async (_title, given, id, words) => {
  const found = await look(given);

  expect(found.ids).toContain(id);
  expect(found.words).toMatch(words);
});

test('a drill by hand may begin at any time', async () => {
  expect((await look({ fields: { bySchedule: false, now: () => NOW + 7_200_000 } })).ids).toEqual([]);
});

test('of few failures a large share of the budget says nothing', async () => {
  const query = (promql: string) => Promise.resolve([{ labels: {}, value: promql.includes('events_bad') ? 3 : 30 }]);

  expect((await look({ query })).ids).toEqual([]);
});

test('everything that is in the way is told at once, with what to do', async () => {
  const { words, ids } = await look({
    service: withValues(SERVICE, ['drills.enabled=false']),
    objects: [{ kind: 'Deployment', name: 'drill-keeper', spec: {}, status: {} }],
  });

  expect(ids).toEqual(['namespace-allowed', 'keeper-alive']);
  expect(words).toContain('set drills.enabled');
  expect(words).toContain('kubectl describe deployment drill-keeper');
});
