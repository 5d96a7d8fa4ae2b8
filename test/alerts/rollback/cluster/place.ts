import type { KubeConfig } from '@kubernetes/client-node';
import { connect, type Connection } from '../../../../alerts/rollback/cluster/connection.ts';
import { openGuardCluster, type GuardCluster } from '../../../../alerts/rollback/cluster/index.ts';
import type { LiveObject } from '../../../../alerts/rollback/cluster/live-object.ts';
import { namespacePaths, type NamespacePaths } from '../../../../alerts/rollback/cluster/namespace-paths.ts';
import { STORES } from '../../../../alerts/rollback/state.ts';
import { eventually } from '../../../support/eventually.ts';

/** A namespace that tests put a gateway into. */
export type Place = {
  /** Of somebody who may do everything. */
  readonly config: KubeConfig;
  /** Of the guard, which may do what it needs. */
  readonly guard: KubeConfig;
  readonly namespace: string;
  /** The image of a program `node`, which pods there can start, and one that none can. */
  readonly images: Readonly<Record<'good' | 'gone', string>>;
  readonly close: () => Promise<void>;
};

/** A release of a tiny gateway: what tells it from others is its configuration. */
export type Tiny = {
  readonly configuration: string;
  readonly image?: string;
  readonly replicas?: number;
  readonly history?: number;
  /** The name of an environment variable and a volume that it has beside. */
  readonly extra?: string;
};

/** Under which name the API server notes what is applied. */
export const APPLIER = 'applier';

const LABELS = { 'app.kubernetes.io/name': 'gateway', 'app.kubernetes.io/instance': 'gateway' };
const SETTLED_MS = 90_000;
const PAUSE_MS = 100;

/** What a test does in a place, in the place of people, their tools and their manifests. */
export class Hand {
  readonly place: Place;
  readonly connection: Connection;
  readonly paths: NamespacePaths;

  constructor(place: Place) {
    this.place = place;
    this.connection = connect(place.config);
    this.paths = namespacePaths(place.namespace);
  }

  /** A guard. */
  guard(options: Partial<Parameters<typeof openGuardCluster>[0]> = {}): GuardCluster {
    const { guard: config, namespace } = this.place;
    const onLeaseError = (error: unknown): void => expectNone(error);
    return openGuardCluster({ config, namespace, identity: 'guard-0', onLeaseError, ...options });
  }

  /** What the manifests bring for a guard. */
  async prepare(): Promise<void> {
    for (const name of [STORES.guard, STORES.quarantine, STORES.releases]) {
      await this.create(this.paths.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    }
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: STORES.lease } };
    await this.create(this.paths.lease.slice(0, this.paths.lease.lastIndexOf('/')), lease);
  }

  /** Deploys a release and waits until it is complete, unless its image is gone; the hash of its revision. */
  async release(tiny: Tiny): Promise<string> {
    await this.configure(tiny);
    const gateway = gatewayOf(tiny, this.place);
    const before = await this.find(`${this.paths.deployments}/gateway`);
    if (before) await this.patch(`${this.paths.deployments}/gateway`, { spec: gateway.spec });
    else await this.create(this.paths.deployments, gateway);
    return tiny.image === this.place.images.gone ? this.current() : this.settled();
  }

  /** Deploys a release over another by a forced server-side apply, as Argo CD, Flux and Pulumi do; the hash of its revision. */
  async apply(tiny: Tiny): Promise<string> {
    await this.configure(tiny);
    const path = `${this.paths.deployments}/gateway?fieldManager=${APPLIER}&force=true`;
    const forms = { type: 'application/apply-patch+yaml' };
    const answer = await this.connection.send('PATCH', path, gatewayOf(tiny, this.place), forms);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
    return this.settled();
  }

  /** Waits until the rollout is complete, and nothing more is reported of it; the hash of the revision that is wanted. */
  async settled(): Promise<string> {
    const guard = this.guard();
    let seen: string | undefined;
    return eventually(
      async () => {
        const { gateway } = await guard.readFacts(0);
        const { resourceVersion } = (await this.gateway()).metadata;
        const isStill = resourceVersion === seen;
        seen = resourceVersion;
        if (gateway?.hash === undefined || !gateway.isComplete || !isStill) throw new Error('the rollout goes on');
        return gateway.hash;
      },
      SETTLED_MS,
      PAUSE_MS,
    );
  }

  /** The hash of the revision that is wanted. */
  async current(): Promise<string> {
    const guard = this.guard();
    return eventually(
      async () => {
        const { gateway } = await guard.readFacts(0);
        if (gateway?.hash === undefined) throw new Error('there is no such ReplicaSet yet');
        return gateway.hash;
      },
      SETTLED_MS,
      PAUSE_MS,
    );
  }

  async gateway(): Promise<LiveObject> {
    return this.require(`${this.paths.deployments}/gateway`);
  }

  async require(path: string): Promise<LiveObject> {
    const found = await this.find(path);
    if (!found) throw new Error(`there is nothing at ${path}`);
    return found;
  }

  async find(path: string): Promise<LiveObject | undefined> {
    return (await this.connection.get(path, `get ${path}`)) as LiveObject | undefined;
  }

  async create(path: string, object: object): Promise<void> {
    const answer = await this.connection.send('POST', `${path}?fieldManager=pulumi`, object);
    if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`);
  }

  /** As somebody does who looks at nothing. */
  async patch(path: string, fields: object): Promise<void> {
    const forms = { type: 'application/strategic-merge-patch+json' };
    const answer = await this.connection.send('PATCH', `${path}?fieldManager=pulumi`, fields, forms);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  }

  async remove(path: string): Promise<void> {
    await this.connection.send('DELETE', path, {});
  }

  private async configure({ configuration }: Tiny): Promise<void> {
    const name = `gateway-config-${configuration}`;
    const data = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { 'service.json': '{}' } };
    if ((await this.find(`${this.paths.configMaps}/${name}`)) === undefined) {
      await this.create(this.paths.configMaps, data);
    }
  }
}

function expectNone(error: unknown): void {
  throw error;
}

function gatewayOf({ configuration, image, replicas = 2, history = 10, extra }: Tiny, { images }: Place): LiveObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'gateway',
      labels: { ...LABELS, 'app.kubernetes.io/part-of': 'shop' },
      annotations: { 'pulumi.com/patchForce': 'true' },
    },
    spec: {
      replicas,
      revisionHistoryLimit: history,
      minReadySeconds: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: LABELS },
      template: {
        metadata: {
          labels: { ...LABELS, 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/version': '1.4.0' },
          annotations: { 'sluice/safe-from': '1.2.0' },
        },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'gateway',
              image: image ?? images.good,
              command: ['node', '-e', 'setInterval(() => undefined, 1000)'],
              resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
              env: [
                { name: 'LEVEL', value: 'info' },
                ...(extra === undefined ? [] : [{ name: extra, value: configuration }]),
              ],
              volumeMounts: [
                { name: 'config', mountPath: '/etc/sluice' },
                ...(extra === undefined ? [] : [{ name: extra, mountPath: `/${extra}` }]),
              ],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: `gateway-config-${configuration}` } },
            ...(extra === undefined ? [] : [{ name: extra, emptyDir: {} }]),
          ],
        },
      },
    },
  };
}
