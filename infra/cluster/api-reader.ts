import { HttpMethod, RequestContext, type Configuration, type KubeConfig } from '@kubernetes/client-node';
import type { KubernetesObject } from '../synth/index.ts';
import { ClusterError } from './errors.ts';

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

/** What a kind is called in an API. */
export type ObjectKind = Pick<KubernetesObject, 'apiVersion' | 'kind'>;

/** An object with what the server keeps beside it. */
export type LiveObject = KubernetesObject & {
  readonly metadata: { readonly managedFields?: readonly ManagedFields[] };
};

/** The fields that a manager set last, and when. */
export type ManagedFields = {
  readonly manager?: string;
  readonly operation?: string;
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
};

type Resource = { readonly name: string; readonly kind: string; readonly namespaced: boolean };

const ANSWER_LIMIT_MS = 15_000;
const PAGE = 500;
const LAST_LINES = 5;
const REVIEW = 'authorization.k8s.io/v1';

/** Reads the cluster that a kubeconfig means, as its user. Calls throw a ClusterError when they cannot be answered. */
export function apiReader(config: KubeConfig): ApiReader {
  const { configuration } = config.makeApiClient(Client);
  const server = config.getCurrentCluster()?.server ?? '';
  const known = new Map<string, Promise<readonly Resource[]>>();

  async function get(path: string, what: string, body?: unknown): Promise<unknown> {
    const { status, text } = await answerOf(configuration, path, server, body);
    if (status === 404) return undefined;
    if (status >= 200 && status < 300) return parsed(text, server);
    throw refusal(status, text, what, config);
  }

  async function resourceOf({ apiVersion, kind }: ObjectKind): Promise<(Resource & { path: string }) | undefined> {
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const resources = known.get(path) ?? resourcesOf(path);
    known.set(path, resources);
    const resource = (await resources).find((each) => each.kind === kind && !each.name.includes('/'));
    return resource && { ...resource, path };
  }

  async function pathOf(kind: ObjectKind, namespace: string | undefined): Promise<string | undefined> {
    const resource = await resourceOf(kind);
    if (!resource) return undefined;
    const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
    return `${resource.path}${scope}/${resource.name}`;
  }

  async function resourcesOf(group: string): Promise<readonly Resource[]> {
    const answer = (await get(group, group)) as { readonly resources?: readonly Resource[] } | undefined;
    return answer?.resources ?? [];
  }

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
      const { status, text } = await answerOf(configuration, path, server);
      return status === 200 ? text.trim() : '';
    },
  };
}

type Review = { readonly status: { readonly allowed: boolean } };

function groupOf({ apiVersion }: ObjectKind): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

type Page = { readonly items: readonly LiveObject[]; readonly metadata: { readonly continue?: string } };

/** What the library makes of a kubeconfig: where the server is, and how to be let in. */
class Client {
  readonly configuration: Configuration;
  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }
}

async function answerOf(
  { baseServer, authMethods, httpApi }: Configuration,
  path: string,
  server: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  const method = body === undefined ? HttpMethod.GET : HttpMethod.POST;
  const request: RequestContext = baseServer.makeRequestContext(path, method);
  request.setHeaderParam('Accept', 'application/json, text/plain');
  if (body !== undefined) {
    request.setHeaderParam('Content-Type', 'application/json');
    request.setBody(JSON.stringify(body));
  }
  request.setSignal(AbortSignal.timeout(ANSWER_LIMIT_MS));
  try {
    await authMethods.default?.applySecurityAuthentication(request);
    const response = await httpApi.send(request).toPromise();
    return { status: response.httpStatusCode, text: await response.body.text() };
  } catch (error) {
    throw unreachable(error, server);
  }
}

type Failure = { readonly message?: string; readonly code?: unknown; readonly cause?: Failure };

/** Codes of a certificate that does not fit, by OpenSSL and Node. */
const CERTIFICATE = /CERT|SELF_SIGNED|ALTNAME|ISSUER/;

function unreachable(error: unknown, server: string): ClusterError {
  const causes: Failure[] = [];
  for (let at = error as Failure | undefined; at !== undefined; at = at.cause) causes.push(at);
  const code = causes.map((each) => each.code).find((each) => typeof each === 'string') ?? '';
  // Several addresses of one name fail with several errors and no message of their own.
  const reason = [causes.at(-1)?.message, code].find((text) => text !== undefined && text !== '') ?? 'no reason given';
  if (CERTIFICATE.test(code)) {
    const message = `the API server ${server} shows a certificate that the kubeconfig does not trust (${reason}); is it the kubeconfig of this cluster?`;
    return new ClusterError('untrusted', message, error);
  }
  const message = `the API server ${server} does not answer (${reason}); is the cluster running, and is it the one that KUBECONFIG means?`;
  return new ClusterError('unreachable', message, error);
}

function parsed(text: string, server: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ClusterError('unreachable', `${server} is no API server: its answer is not JSON`, error);
  }
}

function refusal(status: number, text: string, what: string, config: KubeConfig): ClusterError {
  const server = config.getCurrentCluster()?.server ?? '';
  const user = config.getCurrentUser()?.name ?? 'nobody';
  const reason = reasonIn(text);
  if (status === 401) {
    const message = `the API server ${server} does not know the user '${user}' of the kubeconfig; its token or certificate may have ended`;
    return new ClusterError('unauthorized', message);
  }
  if (status === 403) {
    const message = `forbidden by RBAC to ${what}: ${reason}; ask for a Role with get and list, such as the ClusterRole 'view'`;
    return new ClusterError('forbidden', message);
  }
  return new ClusterError('failed', `the API server ${server} could not ${what}: ${status} ${reason}`);
}

function reasonIn(text: string): string {
  try {
    return (JSON.parse(text) as { readonly message?: string }).message ?? text;
  } catch {
    return text.slice(0, 200);
  }
}
