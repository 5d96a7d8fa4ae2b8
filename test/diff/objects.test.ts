import { expect, test } from '@jest/globals';
import { definitionChanges, formatField, formatObject, objectChanges } from '../../infra/diff/index.ts';
import { dashboardsOf } from '../../infra/synth/dashboards.ts';
import { synthesize } from '../../infra/synth/index.ts';
import { definition, withValues, type Service } from '../../service/definition/index.ts';

const SIDES = { left: 'staging', right: 'prod' };

test('an environment does not differ from itself, and from one in another namespace only in the identity of dashboards', () => {
  const elsewhere = withValues(definition.prod, ['namespace=elsewhere']);
  expect(definitionChanges(definition.prod, definition.prod)).toEqual([]);
  expect(changes(definition.prod, definition.prod)).toEqual([]);
  expect(changes(definition.prod, elsewhere)).toEqual(
    [...dashboardsOf(definition.prod).keys()]
      .map((file) => file.replace(/^sluice-prod-(.*)\.json$/, '$1'))
      .sort()
      .flatMap((id) => [
        `ConfigMap dashboard-NAMESPACE-${id}`,
        expect.stringContaining(`data["NAMESPACE-${id}.json"].uid: `),
      ]),
  );
});

test('values that differ are told by the part of the definition that they stand in', () => {
  const other = withValues(definition.prod, ['scaling.max=5', 'scaling.cpu=50%', 'gateway.drainDelay=6s']);
  const groups = definitionChanges(definition.prod, other);
  expect(groups.map(({ part, values }) => [part, ...values.map((value) => formatField(value, SIDES))])).toEqual([
    ['gateway', 'gateway.drainDelay: 5s in staging, 6s in prod'],
    ['scaling', 'scaling.cpu: 65% in staging, 50% in prod', 'scaling.max: 6 in staging, 5 in prod'],
  ]);
});

test('one value in two writings is no difference', () => {
  expect(definitionChanges(definition.prod, withValues(definition.prod, ['rollout.deployAwait=10m']))).toEqual([]);
});

test('a value is followed into the fields of the objects, containers by name', () => {
  const other = withValues(definition.prod, ['scaling.cpu=50%', 'gateway.terminationGrace=150s']);
  const found = changes(definition.prod, other);
  expect(found).toEqual([
    'ConfigMap gateway-config-HASH',
    '  data["service.json"].gateway.terminationGrace: 140s in staging, 150s in prod',
    '  data["service.json"].scaling.cpu: 65% in staging, 50% in prod',
    'Deployment gateway',
    '  spec.template.spec.terminationGracePeriodSeconds: 140 in staging, 150 in prod',
    'HorizontalPodAutoscaler gateway',
    '  spec.metrics[Resource].resource.target.averageUtilization: 65 in staging, 50 in prod',
  ]);
});

test('a Job, which is named by what it does, is told with what it does otherwise', () => {
  expect(changes(definition.staging, definition.prod)).toContain('Job migration-HASH');
});

test('objects that one environment alone has are named with it', () => {
  expect(changes(definition.staging, definition.prod)).toContain('Deployment upstream: only in staging');
  expect(objectChanges([], synthesize(definition.prod).manifests).every(({ change }) => change === 'removed')).toBe(
    true,
  );
});

function changes(left: Service, right: Service): readonly string[] {
  const [ours, theirs] = [synthesize(left).manifests, synthesize(right).manifests];
  return objectChanges(ours, theirs).flatMap((change) => formatObject(change, SIDES));
}
