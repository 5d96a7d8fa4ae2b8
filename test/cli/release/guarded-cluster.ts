import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  formatInbox,
  formatSigns,
  formatState,
  parseInbox,
  STORES,
  type Revision,
} from '../../../alerts/rollback/index.ts';
import type { Clock } from '../../../infra/cli/release/clock.ts';
import type { KubernetesObject } from '../../../infra/synth/index.ts';
import { definition } from '../../../service/definition/index.ts';
import { build, type Drive } from '../../alerts/rollback/drive.ts';
import { startApiServer, type ApiAnswer, type ApiServer } from '../../support/api-server.ts';

/** A cluster where a guard runs in simulated time, as an API server shows it. */
export type GuardedCluster = {
  readonly server: ApiServer;
  /** Options of every command that means this cluster. */
  readonly options: { readonly env: 'dev'; readonly set: readonly string[]; readonly kubeconfig: string };
  /** Passes with the simulated time; while it pauses, the guard is at work. */
  readonly clock: Clock;
  /** What a test changes of it. */
  readonly change: Change;
  /** What the ConfigMap of quarantined releases has. */
  readonly quarantine: Record<string, string>;
  readonly close: () => Promise<void>;
};

type Change = {
  /** Whether a pod of the guard leads; default: yes. */
  leads: boolean;
  /** By how much the clock of the guard is ahead, in milliseconds. */
  skew: number;
  /** Keys of the guard's ConfigMap that hold something else, and records that somebody wrote. */
  guard: Record<string, string>;
  releases: Record<string, string>;
  /** Kinds or names that are not there. */
  missing: readonly string[];
  /** What a right is missing for. */
  mayPatch: boolean;
  /** Has somebody else do something once, between the reading of a ConfigMap and the next change of one. */
  readonly meanwhile: (act: () => void) => void;
};

const NAMESPACE = definition.dev.namespace;
const HASH = 'pod-template-hash';
const KINDS = ['v1 ConfigMap', 'apps/v1 Deployment', 'apps/v1 ReplicaSet', 'coordination.k8s.io/v1 Lease'];

/** A release whose image and configuration stand in the template of its pods. */
export function released(hash: string, version = '1.0.0'): ReturnType<typeof build> {
  const digest = hash.padEnd(64, '0');
  const configuration = hash.padEnd(10, '0');
  const image = `sluice@sha256:${digest}`;
  return build(hash, version, { release: { id: `${digest.slice(0, 12)}-${configuration}`, image, configuration } });
}

/** Shows a simulated cluster. */
export async function showCluster(drive: Drive): Promise<GuardedCluster> {
  const { world, store } = drive;
  let between: (() => void) | undefined;
  let quarantineVersion = 1;
  const change: Change = {
    leads: true,
    skew: 0,
    guard: {},
    releases: {},
    missing: [],
    mayPatch: true,
    meanwhile: (act) => (between = act),
  };
  const quarantine: Record<string, string> = {};
  const begun = world.now;

  const data = (name: string): Readonly<Record<string, string>> => {
    if (name === STORES.quarantine) return quarantine;
    if (name === STORES.releases) {
      const records = [...world.records].map(([id, record]) => [id, JSON.stringify(record)] as const);
      return { ...Object.fromEntries(records), ...change.releases };
    }
    const signs = formatSigns({ watchdog: world.now, prometheus: world.now });
    return { state: formatState(store.state), ...formatInbox(store.inbox), signs, ...change.guard };
  };

  const versionOf = (name: string): string => `${name === STORES.quarantine ? quarantineVersion : store.version}`;

  function configMap(name: string): KubernetesObject {
    return object('v1', 'ConfigMap', name, { data: data(name) }, { resourceVersion: versionOf(name) });
  }

  function patch({ metadata: { name } }: KubernetesObject, body: unknown): ApiAnswer {
    if (!change.mayPatch) return { status: 403, body: { message: 'ada cannot patch configmaps' } };
    if (between) {
      between();
      between = undefined;
      quarantineVersion += 1;
    }
    const { metadata, data: keys } = body as {
      metadata: { resourceVersion: string };
      data: Record<string, string | null>;
    };
    if (metadata.resourceVersion !== versionOf(name)) return { status: 409, body: { message: 'it has been modified' } };
    const merged = Object.fromEntries(
      Object.entries({ ...data(name), ...keys }).filter((entry): entry is [string, string] => entry[1] !== null),
    );
    if (name === STORES.quarantine) {
      for (const key of Object.keys(quarantine)) Reflect.deleteProperty(quarantine, key);
      Object.assign(quarantine, merged);
      quarantineVersion += 1;
    } else {
      store.inbox = parseInbox(merged.events, merged.freeze);
    }
    return { status: 200, body: configMap(name) };
  }

  const objects = (): readonly KubernetesObject[] => {
    const { template, replicas, paused } = world.deployment;
    const sets = [...world.replicaSets.values()];
    const number = sets.find((set) => set.build.hash === template.hash)?.number ?? 0;
    const renewed = new Date((change.leads ? world.now : begun - 60_000) + change.skew).toISOString();
    const kept = [['baseline', world.baseline] as const, ['withdrawn', world.withdrawn] as const].flatMap(
      ([name, companion]) => {
        if (!companion) return [];
        const until = 'until' in companion ? { 'sluice/until': new Date(companion.until).toISOString() } : {};
        const annotations = { 'sluice/of': companion.of, ...until };
        return [
          object(
            'apps/v1',
            'Deployment',
            `gateway-${name}`,
            { spec: {}, status: { readyReplicas: 1 } },
            { annotations },
          ),
        ];
      },
    );
    return [
      object(
        'apps/v1',
        'Deployment',
        'gateway',
        {
          spec: { replicas, paused, template: podTemplate(template) },
          status: { readyReplicas: world.ready(template.hash) },
        },
        { annotations: { 'deployment.kubernetes.io/revision': `${number}` } },
      ),
      ...kept,
      ...sets.map((set) => replicaSet(set.build, set.number, world.ready(set.build.hash))),
      ...sets
        .filter((set) => !world.lostConfigurations.has(set.build.hash))
        .map((set) => object('v1', 'ConfigMap', `gateway-config-${set.build.release.configuration}`, {})),
      ...Object.values(STORES)
        .filter((name, index, all) => all.indexOf(name) === index)
        .map(configMap),
      object('coordination.k8s.io/v1', 'Lease', STORES.lease, {
        spec: { holderIdentity: 'guard-1', renewTime: renewed },
      }),
    ].filter(
      ({ kind, metadata }) => !change.missing.includes(kind) && !change.missing.includes(`${kind} ${metadata.name}`),
    );
  };

  const server = await startApiServer(() => ({
    version: 'v1.34.1',
    kinds: KINDS,
    objects: objects(),
    allows: () => true,
    forbidden: undefined,
    patch,
  }));
  const folder = mkdtempSync(join(tmpdir(), 'sluice-release-'));
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, server.config.exportConfig());
  return {
    server,
    options: { env: 'dev', set: ['release.guard.mode=act'], kubeconfig },
    clock: {
      now: () => world.now,
      pause(milliseconds) {
        drive.run(Math.ceil(milliseconds / 1000));
        return Promise.resolve();
      },
    },
    change,
    quarantine,
    async close() {
      rmSync(folder, { recursive: true });
      await server.close();
    },
  };
}

function replicaSet(revision: Revision, number: number, ready: number): KubernetesObject {
  const spec = { template: podTemplate(revision) };
  return object(
    'apps/v1',
    'ReplicaSet',
    `gateway-${revision.hash}`,
    { spec, status: { readyReplicas: ready } },
    {
      labels: { [HASH]: revision.hash },
      annotations: { 'deployment.kubernetes.io/revision': `${number}` },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'gateway', uid: 'x' }],
    },
  );
}

function podTemplate({ version, release }: Revision): object {
  const volumes = [{ name: 'config', configMap: { name: `gateway-config-${release.configuration}` } }];
  return {
    metadata: { labels: { 'app.kubernetes.io/version': version } },
    spec: { containers: [{ name: 'gateway', image: release.image }], volumes },
  };
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  content: object,
  metadata: object = {},
): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE, ...metadata }, ...content };
}
