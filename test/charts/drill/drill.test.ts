import { describe, expect, test } from '@jest/globals';
import { DrillLayer } from '../../../infra/charts/index.ts';
import { synthesize } from '../../../infra/synth/index.ts';
import { dataOf, environment, field, IMAGE, render, requireObject } from '../render.ts';

const POD = 'spec.template.spec';
const JOB_POD = 'spec.jobTemplate.spec.template.spec';
const CONTAINER = 'containers.0';

function drilled(...settings: string[]) {
  return environment('staging', ...settings);
}

function drill(...settings: string[]) {
  return render((app) => new DrillLayer(app, drilled(...settings), IMAGE));
}

describe('the drill layer', () => {
  const objects = drill();
  const keeper = requireObject(objects, 'Deployment');
  const runner = requireObject(objects, 'CronJob');

  test('never has two keepers, of which each would take back what the other injects', () => {
    expect(field(keeper, 'spec')).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });

  test('starts a drill by the clock of the definition, never beside another one and never late', () => {
    const at = (...settings: string[]) => field(requireObject(drill(...settings), 'CronJob'), 'spec');

    expect(at()).toMatchObject({
      schedule: '0 10 1 * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 600,
      suspend: false,
      successfulJobsHistoryLimit: 12,
      failedJobsHistoryLimit: 12,
    });
    expect(at('drills.schedule=30 4 * * 2', 'drills.timeZone=Europe/Berlin')).toMatchObject({
      schedule: '30 4 * * 2',
      timeZone: 'Europe/Berlin',
    });
  });

  test('does not try a drill again that failed, and ends one that takes too long', () => {
    const job = field(requireObject(drill('drills.deadline=3h'), 'CronJob'), 'spec.jobTemplate.spec');

    expect(job).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 10_800 });
    expect(field(job, 'template.spec')).toMatchObject({ restartPolicy: 'Never', activeDeadlineSeconds: 10_800 });
  });

  test('runs both programs from the image of the release', () => {
    const container = (object: unknown, pod: string) => field(object, `${pod}.${CONTAINER}`);

    expect(container(keeper, POD)).toMatchObject({
      image: IMAGE.reference,
      command: ['node', 'chaos/drill/cluster/keeper/main.ts'],
      ports: [{ name: 'http', containerPort: 9466 }],
    });
    expect(container(runner, JOB_POD)).toMatchObject({
      image: IMAGE.reference,
      command: ['node', 'chaos/drill/cluster/main.ts', '--all'],
    });
  });

  test('gives both the definition, their names, the key between them and the token of an account of their own', () => {
    for (const [object, path, account] of [
      [keeper, POD, 'drill-keeper'],
      [runner, JOB_POD, 'drill'],
    ] as const) {
      expect(field(object, path)).toMatchObject({ serviceAccountName: account, automountServiceAccountToken: true });
      expect(field(object, `${path}.${CONTAINER}.env`)).toEqual(
        expect.arrayContaining([
          { name: 'SLUICE_DEFINITION', value: '/etc/sluice/service.json' },
          { name: 'SLUICE_COMMIT', value: IMAGE.commit },
          { name: 'DRILL_KEY_FILE', value: '/run/secrets/sluice-drill/drillKey' },
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ]),
      );
    }
    const config = objects.find(({ metadata }) => /^drill-config-[0-9a-f]{10}$/.test(metadata.name));
    expect(JSON.parse(dataOf(config ?? { ...keeper, data: {} }, 'service.json'))).toMatchObject({
      namespace: 'sluice-staging',
      drills: { enabled: true, experiments: 'all', window: '2h', budgetLeft: '50%' },
    });
  });

  test('gives the password of Postgres to whoever makes users for its load, and not to the keeper', () => {
    expect(JSON.stringify(runner)).toContain('"value":"/run/secrets/postgres/url"');
    expect(JSON.stringify(keeper)).not.toContain('postgres/url');
  });

  test('gives fault proxies an account without any right', () => {
    const account = requireObject(objects, 'ServiceAccount');

    expect(account).toMatchObject({ metadata: { name: 'drill-proxy' }, automountServiceAccountToken: false });
    const bound = synthesize(drilled()).manifests.filter(({ kind }) => kind === 'RoleBinding');
    expect(bound.map(({ metadata }) => metadata.name)).toEqual(['drill', 'drill-keeper', 'guard']);
  });

  test('keeps the journal and the lease in objects that nobody fills or takes away who applies them', () => {
    const kept = objects.filter(({ metadata }) => metadata.name === 'sluice-drill');

    expect(kept.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Lease']);
    for (const object of kept) {
      expect(object).not.toHaveProperty('data');
      expect(object).not.toHaveProperty('spec');
      expect(object.metadata.annotations).toMatchObject({ 'argocd.argoproj.io/sync-options': 'Prune=false' });
    }
  });
});

describe('the keeper of drills is scraped', () => {
  test('by the operator', () => {
    const { manifests } = synthesize(drilled());

    expect(field(requireObject(manifests, 'PodMonitor', 'drill-keeper'), 'spec')).toMatchObject({
      jobLabel: 'app.kubernetes.io/name',
      podMetricsEndpoints: [{ port: 'http', path: '/metrics', interval: '5s' }],
      selector: { matchLabels: { 'app.kubernetes.io/name': 'drill-keeper' } },
    });
  });

  test('by a Prometheus of our own, also before it is Ready', () => {
    const { manifests } = synthesize(environment('dev', 'drills.enabled=true'));
    const configuration = manifests.find(({ metadata }) => metadata.name.startsWith('prometheus-config-'));
    const text = configuration ? dataOf(configuration, 'prometheus.yaml') : '';

    expect(field(requireObject(manifests, 'Service', 'drill-keeper-ops'), 'spec')).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [{ port: 9466 }],
    });
    expect(text).toContain('job_name: drill-keeper\n');
    expect(text).toContain('- drill-keeper-ops\n');
  });
});

test('without drills there is nothing of them, and nobody with rights', () => {
  const text = JSON.stringify(synthesize(environment('dev')).manifests);

  expect(text).not.toMatch(/"name":"(drill|sluice-drill)/);
  expect(text).not.toContain('chaos-mesh.org');
});
