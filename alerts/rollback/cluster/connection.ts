import { HttpMethod, RequestContext, type Configuration, type KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from './errors.ts';
import { keptConnections, type KeptConnections } from './kept-connections.ts';
import type { LiveObject } from './live-object.ts';

/** What a kind is called in an API. */
export type ObjectKind = Pick<LiveObject, 'apiVersion' | 'kind'>;

/** A kind as the server lists it. */
export type Resource = { readonly name: string; readonly kind: string; readonly namespaced: boolean };

/** What a server sent, whatever it means. */
export type Answer = { readonly status: number; readonly text: string };

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** What a body is, and what the answer shall be; absent: JSON of the whole object. */
export type Forms = { readonly type?: string; readonly accept?: string };

/** The way to an API server. Calls throw a ClusterError when they cannot be answered. */
export type Connection = {
  readonly send: (method: Method, path: string, body?: unknown, forms?: Forms) => Promise<Answer>;
  /** What a path has, or what it says to a body; undefined when there is nothing. `what` names it in a refusal. */
  readonly get: (path: string, what: string, body?: unknown) => Promise<unknown>;
  /** Undefined when the server does not know the kind. */
  readonly resourceOf: (kind: ObjectKind) => Promise<(Resource & { readonly path: string }) | undefined>;
  /** Where the objects of a kind are; undefined when the server does not know it. */
  readonly pathOf: (kind: ObjectKind, namespace: string | undefined) => Promise<string | undefined>;
  /** Throws what an answer means that is not as it should be. */
  readonly refuse: (answer: Answer, what: string) => never;
};

const ANSWER_LIMIT_MS = 15_000;

/** Goes to the cluster that a kubeconfig means, as its user. */
export function connect(config: KubeConfig): Connection {
  const { configuration } = config.makeApiClient(Client);
  const server = config.getCurrentCluster()?.server ?? '';
  const known = new Map<string, Promise<readonly Resource[]>>();

  const connections = keptConnections();

  const send: Connection['send'] = async (method, path, body, forms = {}) => {
    const request = configuration.baseServer.makeRequestContext(path, HttpMethod[method]);
    request.setHeaderParam('Accept', forms.accept ?? 'application/json, text/plain');
    if (body !== undefined) {
      request.setHeaderParam('Content-Type', forms.type ?? 'application/json');
      request.setBody(JSON.stringify(body));
    }
    return answerOf(configuration, request, server, connections);
  };

  function refuse({ status, text }: Answer, what: string): never {
    throw refusal(status, text, what, config);
  }

  async function get(path: string, what: string, body?: unknown): Promise<unknown> {
    const answer = await send(body === undefined ? 'GET' : 'POST', path, body);
    if (answer.status === 404) return undefined;
    return answer.status >= 200 && answer.status < 300 ? parsed(answer.text, server) : refuse(answer, what);
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

  return { send, get, resourceOf, pathOf, refuse };
}

/** What the library makes of a kubeconfig: where the server is, and how to be let in. */
class Client {
  readonly configuration: Configuration;
  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }
}

async function answerOf(
  { authMethods, httpApi }: Configuration,
  request: RequestContext,
  server: string,
  connections: KeptConnections,
): Promise<Answer> {
  request.setSignal(AbortSignal.timeout(ANSWER_LIMIT_MS));
  try {
    await authMethods.default?.applySecurityAuthentication(request);
    connections.use(request);
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

/** Verbs of RBAC that no role for reading has. */
const WRITES: readonly string[] = ['create', 'patch', 'delete'];

function refusal(status: number, text: string, what: string, config: KubeConfig): ClusterError {
  const server = config.getCurrentCluster()?.server ?? '';
  const user = config.getCurrentUser()?.name ?? 'nobody';
  const reason = reasonIn(text);
  if (status === 401) {
    const message = `the API server ${server} does not know the user '${user}' of the kubeconfig; its token or certificate may have ended`;
    return new ClusterError('unauthorized', message);
  }
  if (status === 403) {
    const [verb = ''] = what.split(' ');
    const verbs = WRITES.includes(verb) ? verb : "get and list, such as the ClusterRole 'view'";
    const message = `forbidden by RBAC to ${what}: ${reason}; ask for a Role with ${verbs}`;
    return new ClusterError('forbidden', message);
  }
  return new ClusterError('failed', `the API server ${server} could not ${what}: ${status} ${reason}`);
}

/** Why the API server refused, in its own words; the start of the answer where it has none. */
export function reasonIn(text: string): string {
  try {
    return (JSON.parse(text) as { readonly message?: string }).message ?? text;
  } catch {
    return text.slice(0, 200);
  }
}
