import { GATEWAY } from '../release-of.ts';
import { COMPANIONS, STORES } from '../state.ts';
import type { Configurations } from './configurations.ts';
import type { Connection } from './connection.ts';
import type { LiveObject } from './live-object.ts';
import type { NamespacePaths } from './namespace-paths.ts';

/** What the guard looks at, as the server sent it. */
export type Reading = {
  readonly deployment: LiveObject;
  /** Of the gateway alone; every one of its history. */
  readonly replicaSets: readonly LiveObject[];
  /** Of the gateway alone, where some are not Ready; else none is looked at. */
  readonly pods: readonly LiveObject[];
  readonly companions: Readonly<Record<keyof typeof COMPANIONS, KeptPod | undefined>>;
  readonly quarantined: readonly string[];
  readonly quotas: readonly LiveObject[];
  /** Names of the ConfigMaps that there are, of those that the ReplicaSets need. */
  readonly configMaps: ReadonlySet<string>;
};

/** A companion's Deployment and its ReplicaSet, where that is made. */
export type KeptPod = { readonly deployment: LiveObject; readonly replicaSet: LiveObject | undefined };

const INSTANCE = 'app.kubernetes.io/instance';
const ALL_INSTANCES = `${INSTANCE} in (${[GATEWAY, ...Object.values(COMPANIONS)].join(',')})`;

/** The gateway's Deployment; undefined when there is none. Throws a ClusterError. */
export async function readDeployment({ get }: Connection, paths: NamespacePaths): Promise<LiveObject | undefined> {
  return (await get(`${paths.deployments}/${GATEWAY}`, 'get Deployment gateway')) as LiveObject | undefined;
}

/** Everything else, beside a Deployment. Throws a ClusterError. */
export async function readBeside(
  connection: Connection,
  paths: NamespacePaths,
  deployment: LiveObject,
  configMaps: Configurations,
  now: number,
): Promise<Reading> {
  const list = listIn(connection);
  const [deployments, sets, record, quotas] = await Promise.all([
    list(paths.deployments, 'Deployment', `app.kubernetes.io/managed-by=sluice-guard`),
    list(paths.replicaSets, 'ReplicaSet', ALL_INSTANCES),
    connection.get(`${paths.configMaps}/${STORES.quarantine}`, `get ConfigMap ${STORES.quarantine}`),
    list(paths.quotas, 'ResourceQuota'),
  ]);
  const replicaSets = sets.filter((set) => isOf(set, deployment));
  const companion = (name: string): KeptPod | undefined => {
    const found = deployments.find(
      ({ metadata }) => metadata.name === name && metadata.deletionTimestamp === undefined,
    );
    return found && { deployment: found, replicaSet: sets.find((set) => isOf(set, found)) };
  };
  return {
    deployment,
    replicaSets,
    pods: replicaSets.every(isSettled) ? [] : await list(paths.pods, 'Pod', `${INSTANCE}=${GATEWAY}`),
    companions: { baseline: companion(COMPANIONS.baseline), withdrawn: companion(COMPANIONS.withdrawn) },
    quarantined: Object.keys((record as Data | undefined)?.data ?? {}),
    quotas,
    configMaps: await configMaps.among(replicaSets, now),
  };
}

type Data = { readonly data?: Readonly<Record<string, string>> };

/** Lists objects of a kind, all or those that a selector of labels means. */
export function listIn({ send, refuse }: Connection) {
  return async (path: string, kind: string, selector = ''): Promise<readonly LiveObject[]> => {
    const query = selector === '' ? '' : `?labelSelector=${encodeURIComponent(selector)}`;
    const answer = await send('GET', `${path}${query}`);
    if (answer.status !== 200) return refuse(answer, `list ${kind}`);
    const { items } = JSON.parse(answer.text) as { readonly items: readonly LiveObject[] };
    // Items of a list do not repeat what the list is of.
    return items.map((item) => ({ ...item, kind }));
  };
}

function isOf({ metadata }: LiveObject, owner: LiveObject): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ uid, controller }) => controller === true && uid === owner.metadata.uid,
  );
}

/** Whether every pod that a ReplicaSet wants is Ready. */
function isSettled({ spec, status }: LiveObject): boolean {
  const { replicas = 1 } = spec as { readonly replicas?: number };
  return ((status as { readonly readyReplicas?: number } | undefined)?.readyReplicas ?? 0) >= replicas;
}
