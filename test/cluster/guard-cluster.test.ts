import { afterAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { ACCESS } from '../../infra/charts/namespace/access.ts';
import { loadKubeconfig } from '../../infra/cluster/index.ts';
import { actsSuite } from '../alerts/rollback/cluster/acts-suite.ts';
import { factsSuite } from '../alerts/rollback/cluster/facts-suite.ts';
import { leaseSuite } from '../alerts/rollback/cluster/lease-suite.ts';
import { listsSuite } from '../alerts/rollback/cluster/lists-suite.ts';
import type { Place } from '../alerts/rollback/cluster/place.ts';
import { storeSuite } from '../alerts/rollback/cluster/store-suite.ts';
import { GONE_IMAGE } from '../support/cluster-api/controllers.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Guarded } from './guarded.ts';
import { buildImage } from './images.ts';
import { kubectl } from './kubectl.ts';
import { FEW_PER_SECOND, watchForLong, type LongWindow } from './long-window.ts';
import { isFailed } from './timed-load.ts';

/** Any image with a program `node`; this one the project's own is built from. */
const NODE_IMAGE = 'node:24-bookworm-slim';

const watched = new Guarded(['release.watch=5m']);
let longWindow: Promise<LongWindow>;

describeOnCluster('a good release that begins its window of five minutes', () => {
  test('is deployed', () => {
    longWindow = watchForLong(watched, buildImage('900d111'));
    // Its own test waits for it; it passes beside those in between, which take no more than tiny pods.
    longWindow.catch(() => undefined);
  });
});

/** The same as on an API server that runs no pods, so that what that one answers is what a real one does. */
describeOnCluster('what the guard sees and does on a real cluster', () => {
  factsSuite(realPlace);
  actsSuite(realPlace);
  listsSuite(realPlace);
  storeSuite(realPlace);
  leaseSuite(realPlace);
});

describeOnCluster('a good release at the end of its window', () => {
  afterAll(() => watched.remove());

  test('was left alone, and is taken for proven', async () => {
    const { record, hash, revisions, answers } = await longWindow;

    expect(record.outcome).toBe('proven');
    expect(record.endedAt - (record.firstReadyAt ?? 0)).toBeGreaterThanOrEqual(300_000);
    expect([await watched.hash(), await watched.revision()]).toEqual([hash, revisions]);
    expect(answers.length).toBeGreaterThan(300 * FEW_PER_SECOND * 0.9);
    expect(answers.filter(isFailed)).toEqual([]);
  }, 600_000);
});

async function realPlace(): Promise<Place> {
  const namespace = `sluice-test-${randomBytes(4).toString('hex')}`;
  await kubectl(namespace, ['create', 'namespace', namespace]);
  const config = loadKubeconfig();
  return {
    config,
    guard: await guardOf(namespace, config),
    namespace,
    images: { good: NODE_IMAGE, gone: GONE_IMAGE },
    async close() {
      await kubectl(namespace, ['delete', 'namespace', namespace, '--wait=false']);
    },
  };
}

/** An account with the rights that the manifests give the guard, and none beside them. */
async function guardOf(namespace: string, config: KubeConfig): Promise<KubeConfig> {
  const metadata = { name: 'guard' };
  const rules = ACCESS.guard.map(({ group, resource, verbs, names }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs,
    ...(names && { resourceNames: names }),
  }));
  const [rbac, apiGroup] = ['rbac.authorization.k8s.io/v1', 'rbac.authorization.k8s.io'];
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: rbac, kind: 'Role', metadata, rules },
    {
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup, kind: 'Role', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: metadata.name, namespace }],
    },
  ];
  await kubectl(namespace, ['apply', '-f', '-'], objects.map((each) => JSON.stringify(each)).join('\n'));
  const token = (await kubectl(namespace, ['create', 'token', metadata.name])).trim();
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error('the kubeconfig means no cluster');
  const guard = new KubeConfig();
  guard.loadFromClusterAndUser(cluster, { name: metadata.name, token });
  return guard;
}
