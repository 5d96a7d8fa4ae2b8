import type { KubeConfig } from '@kubernetes/client-node';
import { connect, type ObjectKind } from '../../alerts/rollback/cluster/connection.ts';
import type { LiveObject } from '../../alerts/rollback/cluster/live-object.ts';

export type { ObjectKind } from '../../alerts/rollback/cluster/connection.ts';
export type { LiveObject, ManagedFields } from '../../alerts/rollback/cluster/live-object.ts';

/** Reads from an API server. Every answer is as the server sent it: typed clients rename fields and drop what they do not know. */
export type ApiReader = {
  /** The objects of a kind in a namespace; undefined when the server does not know the kind. */
  readonly list: (kind: ObjectKind, namespace: string | undefined) => Promise<readonly LiveObject[] | undefined>;
  /** One object; undefined when there is none. */
  readonly find: (kind: ObjectKind, namespace: string | undefined, name: string) => Promise<LiveObject | undefined>;
  /** What a kind is called in paths and in rules of RBAC; undefined when the server does not know the kind. */
  readonly resource: (kind: ObjectKind) => Promise<ApiResource | undefined>;
  /** The server's version, such as `v1.34.0`. */
  readonly version: () => Promise<string>;
  /** Whether the kubeconfig's user may do something with a resource. */
  readonly mayI: (verb: string, resource: ApiResource, namespace: string | undefined) => Promise<boolean>;
  /** The last lines that a container wrote before it ended last; empty when it has not or they are gone. */
  readonly lastWords: (namespace: string, pod: string, container: string) => Promise<string>;
};

/** A kind as RBAC names it. */
export type ApiResource = { readonly group: string; readonly name: string; readonly namespaced: boolean };

const PAGE = 500;
const LAST_LINES = 5;
const REVIEW = 'authorization.k8s.io/v1';

/** Reads the cluster that a kubeconfig means, as its user. Calls throw a ClusterError when they cannot be answered. */
export function apiReader(config: KubeConfig): ApiReader {
  const { get, pathOf, resourceOf, send } = connect(config);
  return {
    async list(kind, namespace) {
      const path = await pathOf(kind, namespace);
      if (path === undefined) return undefined;
      const found: LiveObject[] = [];
      let next = '';
      do {
        const query = `?limit=${PAGE}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
        const page = (await get(`${path}${query}`, `list ${kind.kind}`)) as Page | undefined;
        // Items of a list do not repeat what the list is of.
        found.push(...(page?.items ?? []).map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind })));
        next = page?.metadata.continue ?? '';
      } while (next !== '');
      return found;
    },
    async find(kind, namespace, name) {
      const path = await pathOf(kind, namespace);
      return path === undefined
        ? undefined
        : ((await get(`${path}/${name}`, `get ${kind.kind}`)) as LiveObject | undefined);
    },
    async resource(kind) {
      const found = await resourceOf(kind);
      return found && { group: groupOf(kind), name: found.name, namespaced: found.namespaced };
    },
    async version() {
      const answer = (await get('/version', 'tell its version')) as { readonly gitVersion?: string } | undefined;
      return answer?.gitVersion ?? '';
    },
    async mayI(verb, { group, name, namespaced }, namespace) {
      const scope = namespaced && namespace !== undefined ? { namespace } : {};
      const review = {
        apiVersion: REVIEW,
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb, group, resource: name, ...scope } },
      };
      const path = `/apis/${REVIEW}/selfsubjectaccessreviews`;
      const answer = (await get(path, 'ask what it may do', review)) as Review | undefined;
      return answer?.status.allowed ?? false;
    },
    async lastWords(namespace, pod, container) {
      const query = `container=${encodeURIComponent(container)}&previous=true&tailLines=${LAST_LINES}`;
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?${query}`;
      const { status, text } = await send('GET', path);
      return status === 200 ? text.trim() : '';
    },
  };
}

type Review = { readonly status: { readonly allowed: boolean } };

function groupOf({ apiVersion }: ObjectKind): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

type Page = { readonly items: readonly LiveObject[]; readonly metadata: { readonly continue?: string } };
