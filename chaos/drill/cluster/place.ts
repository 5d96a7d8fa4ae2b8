import type { Connection, LiveObject } from './kubernetes.ts';
import { ClusterError, listIn, reasonIn } from './kubernetes.ts';
import { FIELD_MANAGER } from './names.ts';

/** Where objects of a kind are, in any namespace. */
export const KINDS = {
  Pod: '/api/v1/*/pods',
  Service: '/api/v1/*/services',
  ConfigMap: '/api/v1/*/configmaps',
  Namespace: '/api/v1/namespaces',
  Deployment: '/apis/apps/v1/*/deployments',
  StatefulSet: '/apis/apps/v1/*/statefulsets',
  EndpointSlice: '/apis/discovery.k8s.io/v1/*/endpointslices',
  HorizontalPodAutoscaler: '/apis/autoscaling/v2/*/horizontalpodautoscalers',
  Lease: '/apis/coordination.k8s.io/v1/*/leases',
  CronJob: '/apis/batch/v1/*/cronjobs',
  Job: '/apis/batch/v1/*/jobs',
} as const;

/** A kind that drills look at or change. */
export type Kind = keyof typeof KINDS;

/** An object as it is to be made. */
export type Manifest = {
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
};

/** A namespace, as a drill sees and changes it. Every call throws a ClusterError when it cannot be answered. */
export type Place = {
  readonly namespace: string;
  readonly connection: Connection;
  readonly path: (kind: Kind, name?: string) => string;
  readonly find: (kind: Kind, name: string) => Promise<LiveObject | undefined>;
  /** Throws where there is none. */
  readonly require: (kind: Kind, name: string) => Promise<LiveObject>;
  readonly list: (kind: Kind, labels?: Readonly<Record<string, string>>) => Promise<readonly LiveObject[]>;
  /** Undefined where there is one of that name already. */
  readonly create: (kind: Kind, object: Manifest) => Promise<LiveObject | undefined>;
  /** Merges fields into an object; null removes one. With a version: undefined where it is another one now. */
  readonly merge: (kind: Kind, name: string, fields: object, version?: string) => Promise<LiveObject | undefined>;
  /** Has a workload want so many pods; no other field of it is touched. */
  readonly scale: (kind: 'Deployment' | 'StatefulSet', name: string, replicas: number) => Promise<void>;
  /** Deletes an object; false where there is none. */
  readonly remove: (kind: Kind, name: string, options?: object) => Promise<boolean>;
};

const MERGE_PATCH = 'application/merge-patch+json';
const AS = `?fieldManager=${FIELD_MANAGER}`;

/** A namespace by a connection. */
export function placeAt(connection: Connection, namespace: string): Place {
  const { send, get, refuse } = connection;
  const path = (kind: Kind, name?: string): string => {
    const all = KINDS[kind].replace('*', `namespaces/${namespace}`);
    return name === undefined ? all : `${all}/${name}`;
  };
  const find: Place['find'] = async (kind, name) =>
    (await get(path(kind, name), `get ${kind} ${name}`)) as LiveObject | undefined;
  return {
    namespace,
    connection,
    path,
    find,
    async require(kind, name) {
      const found = await find(kind, name);
      if (found) return found;
      throw new ClusterError('failed', `there is no ${kind} ${name} in '${namespace}'; deploy the environment`);
    },
    list: (kind, labels = {}) =>
      listIn(connection)(
        path(kind),
        kind,
        Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
      ),
    async create(kind, object) {
      const answer = await send('POST', `${path(kind)}${AS}`, object);
      if (answer.status === 409 && reasonIn(answer.text).includes('already exists')) return undefined;
      return answer.status < 300 ? parsed(answer.text) : refuse(answer, `create ${kind} ${object.metadata.name}`);
    },
    async merge(kind, name, fields, version) {
      const { metadata = {}, ...rest } = fields as { readonly metadata?: object };
      const body = { ...rest, metadata: { ...metadata, ...(version !== undefined && { resourceVersion: version }) } };
      const answer = await send('PATCH', `${path(kind, name)}${AS}`, body, { type: MERGE_PATCH });
      if (answer.status === 409) return undefined;
      return answer.status < 300 ? parsed(answer.text) : refuse(answer, `patch ${kind} ${name}`);
    },
    async scale(kind, name, replicas) {
      const body = { spec: { replicas } };
      const answer = await send('PATCH', `${path(kind, name)}/scale${AS}`, body, { type: MERGE_PATCH });
      if (answer.status >= 300) refuse(answer, `patch scale of ${kind} ${name}`);
    },
    async remove(kind, name, options = {}) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', ...options };
      const answer = await send('DELETE', path(kind, name), body);
      if (answer.status === 404) return false;
      return answer.status < 300 || refuse(answer, `delete ${kind} ${name}`);
    },
  };
}

function parsed(text: string): LiveObject {
  return JSON.parse(text) as LiveObject;
}
