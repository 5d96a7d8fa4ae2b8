import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { redisUrl, ReplicatedRedisLayer, SentinelLayer } from '../../../infra/charts/index.ts';
import { objectKey, synthesize } from '../../../infra/synth/index.ts';
import { parseRedisAddress } from '../../../service/store/redis-address.ts';
import { dataOf, environment, field, render, requireObject } from '../render.ts';

/** Fields that Kubernetes lets nobody change. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec.selector'],
  Job: ['spec.selector', 'spec.template'],
  PersistentVolumeClaim: ['spec.accessModes', 'spec.storageClassName'],
  Service: ['spec.clusterIP'],
  StatefulSet: ['spec.podManagementPolicy', 'spec.selector', 'spec.serviceName', 'spec.volumeClaimTemplates'],
};

const POD = 'spec.template.spec';
const CONTAINER = `${POD}.containers.0`;

const service = environment(
  'prod',
  ...['stores.redis.kind=replicated', 'stores.redis.replicas=4', 'stores.redis.sentinels=5'],
  ...['stores.redis.state.maxClients=321', 'stores.redis.state.storage=3Gi'],
);
const LAYERS = [
  ['redis', render((app) => new ReplicatedRedisLayer(app, service)), 4],
  ['redis-sentinel', render((app) => new SentinelLayer(app, service)), 5],
] as const;
const [[, servers], [, sentinels]] = LAYERS;
const textOf = (objects: typeof servers, file: string) => dataOf(requireObject(objects, 'ConfigMap'), file);

describe.each(LAYERS)('the pods of %s', (name, objects, replicas) => {
  const statefulSet = requireObject(objects, 'StatefulSet');

  test('are as many as the definition says, start together and are replaced one by one', () => {
    expect(field(statefulSet, 'spec.replicas')).toBe(replicas);
    expect(field(statefulSet, 'spec.podManagementPolicy')).toBe('Parallel');
    expect(field(statefulSet, 'spec.updateStrategy.type')).toBe('RollingUpdate');
    expect(field(statefulSet, 'spec.minReadySeconds')).toBe(10);
  });

  test('have names that lead to them also before they are Ready', () => {
    expect(field(statefulSet, 'spec.serviceName')).toBe(name);
    expect(field(requireObject(objects, 'Service'), 'spec')).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: field(statefulSet, 'spec.selector.matchLabels'),
    });
  });

  test('are kept apart where that can be, whatever their revision', () => {
    const labelSelector = { matchLabels: field(statefulSet, 'spec.selector.matchLabels') };
    const [spread, ...zones] = field(statefulSet, `${POD}.topologySpreadConstraints`) as object[];

    expect(spread).toEqual({
      labelSelector,
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
    });
    expect(zones).toHaveLength(service.scaling.spreadDomains > 1 ? 1 : 0);
    expect(field(statefulSet, `${POD}.affinity.podAntiAffinity`)).toEqual({
      preferredDuringSchedulingIgnoredDuringExecution: [
        { podAffinityTerm: { labelSelector, topologyKey: 'kubernetes.io/hostname' }, weight: 100 },
      ],
    });
  });

  test('are evicted one at a time', () => {
    expect(field(requireObject(objects, 'PodDisruptionBudget'), 'spec')).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: field(statefulSet, 'spec.selector.matchLabels') },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  test('take the password from a file', () => {
    expect(field(statefulSet, `${CONTAINER}.env`)).toBeUndefined();
    expect(field(statefulSet, `${CONTAINER}.command`)).toEqual(['sh', '/etc/redis/start.sh']);
    expect(field(statefulSet, `${CONTAINER}.volumeMounts`)).toContainEqual(
      expect.objectContaining({ mountPath: '/run/secrets/redis' }),
    );
  });

  test('keep what they know on a volume of their own', () => {
    expect(field(statefulSet, `${CONTAINER}.volumeMounts`)).toContainEqual({ mountPath: '/data', name: 'data' });
    expect(field(statefulSet, 'spec.volumeClaimTemplates.0.spec.resources.requests.storage')).toBe(
      name === 'redis' ? '3Gi' : '64Mi',
    );
  });
});

describe('the replicated state', () => {
  test('evicts nothing, is on disk, and takes no writes where nobody follows', () => {
    const text = textOf(servers, 'redis.conf');

    for (const line of ['maxclients 321', 'maxmemory-policy noeviction', 'appendonly yes', 'min-replicas-to-write 1'])
      expect(text).toContain(`${line}\n`);
  });

  test('refuses writes before another can be made the primary', () => {
    const lag = Number(/min-replicas-max-lag (\d+)/.exec(textOf(servers, 'redis.conf'))?.[1]);
    const down = Number(/down-after-milliseconds state (\d+)/.exec(textOf(sentinels, 'sentinel.conf'))?.[1]);

    expect(lag).toBeGreaterThan(1);
    expect(lag * 1000).toBeLessThan(down);
  });

  test('is Ready when it has what the primary has, and live whatever that is', () => {
    const container = field(requireObject(servers, 'StatefulSet'), CONTAINER);

    expect(JSON.stringify(field(container, 'readinessProbe'))).toContain('master_link_status:up');
    expect(JSON.stringify(field(container, 'livenessProbe'))).not.toContain('master');
  });

  test('asks every Sentinel, and most of them decide', () => {
    const script = textOf(servers, 'primary.sh');

    for (let place = 0; place < 5; place++) expect(script).toContain(`redis-sentinel-${place}.redis-sentinel`);
    expect(script).toContain('-lt 3 ]');
    expect(textOf(sentinels, 'start.sh')).toContain('sentinel monitor state redis-0.redis 6379 3');
  });

  test('hands over before it ends, well within its grace', () => {
    const statefulSet = requireObject(servers, 'StatefulSet');
    const seconds = Number(/left=(\d+)/.exec(textOf(servers, 'hand-over.sh'))?.[1]);

    expect(field(statefulSet, `${CONTAINER}.lifecycle.preStop.exec.command`)).toEqual([
      'sh',
      '/etc/redis/hand-over.sh',
    ]);
    expect(Number(field(statefulSet, `${POD}.terminationGracePeriodSeconds`))).toBeGreaterThan(2 * seconds);
  });

  test('is reached by the names of its Sentinels', () => {
    const { password, sentinels: group } = parseRedisAddress(redisUrl(service.stores.redis, 'state', 's3cret'), {
      port: 1,
      db: 0,
    });

    expect(password).toBe('s3cret');
    expect(group?.group).toBe('state');
    expect(group?.endpoints).toHaveLength(5);
    expect(group?.endpoints[4]).toEqual({ host: 'redis-sentinel-4.redis-sentinel', port: 26379 });
    expect(redisUrl(service.stores.redis, 'cache', 's3cret')).toBe('redis://:s3cret@redis-cache:6379');
  });
});

test('from one pod to several, no more has to be made anew than who applies by hand is told to delete', () => {
  const before = synthesize(environment('prod', 'stores.redis.kind=single')).manifests;
  const after = synthesize(environment('prod', 'stores.redis.kind=replicated')).manifests;
  const anew = after.filter((object) => {
    const old = before.find((other) => objectKey(other) === objectKey(object));
    const fixed = FIXED[object.kind] ?? [];
    return old && fixed.some((path) => JSON.stringify(field(old, path)) !== JSON.stringify(field(object, path)));
  });
  const page = readFileSync(new URL('../../../docs/gateway.md', import.meta.url), 'utf8');

  expect(anew).toHaveLength(2);
  const names = anew.map(({ kind, metadata: { name } }) => `${kind.toLowerCase()}/${name}`).sort();
  expect(page).toContain(`kubectl delete ${names.join(' ')}`);
});
