import { randomBytes } from 'node:crypto';
import { loadKubeconfig } from '../../infra/cluster/index.ts';
import { actsSuite } from '../alerts/rollback/cluster/acts-suite.ts';
import { factsSuite } from '../alerts/rollback/cluster/facts-suite.ts';
import { leaseSuite } from '../alerts/rollback/cluster/lease-suite.ts';
import { listsSuite } from '../alerts/rollback/cluster/lists-suite.ts';
import type { Place } from '../alerts/rollback/cluster/place.ts';
import { storeSuite } from '../alerts/rollback/cluster/store-suite.ts';
import { GONE_IMAGE } from '../support/cluster-api/controllers.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl } from './kubectl.ts';

/** Any image with a program `node`; this one the project's own is built from. */
const NODE_IMAGE = 'node:24-bookworm-slim';

/** The same as on an API server that runs no pods, so that what that one answers is what a real one does. */
describeOnCluster('what the guard sees and does on a real cluster', () => {
  factsSuite(realPlace);
  actsSuite(realPlace);
  listsSuite(realPlace);
  storeSuite(realPlace);
  leaseSuite(realPlace);
});

async function realPlace(): Promise<Place> {
  const namespace = `sluice-test-${randomBytes(4).toString('hex')}`;
  await kubectl(namespace, ['create', 'namespace', namespace]);
  return {
    config: loadKubeconfig(),
    namespace,
    images: { good: NODE_IMAGE, gone: GONE_IMAGE },
    async close() {
      await kubectl(namespace, ['delete', 'namespace', namespace, '--wait=false']);
    },
  };
}
