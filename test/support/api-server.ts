import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { apiReader, apiWriter, type ApiReader, type ApiResource, type ApiWriter } from '../../infra/cluster/index.ts';
import { objectKey, type KubernetesObject } from '../../infra/synth/index.ts';

/** What an API server has and allows. */
export type ApiServerState = {
  readonly version: string;
  /** The kinds that it serves, as `apiVersion kind`; those of the cluster as a whole end with `*`. */
  readonly kinds: readonly string[];
  readonly objects: readonly KubernetesObject[];
  /** Whether the user may do something. */
  readonly allows: (verb: string, resource: Pick<ApiResource, 'group' | 'name'>) => boolean;
  /** What becomes of an object that is to be changed, by the body that says so; absent: nothing can be. */
  readonly patch?: (found: KubernetesObject, body: unknown) => ApiAnswer;
  /** Paths that are forbidden. */
  readonly forbidden: RegExp | undefined;
};

/** A running server. */
export type ApiServer = {
  readonly reader: ApiReader;
  readonly writer: ApiWriter;
  readonly config: KubeConfig;
  /** Method and path of every request, in order. */
  readonly asked: readonly string[];
  readonly close: () => Promise<void>;
};

/** An answer as JSON; without a body it is a page that no API server would give. */
export type ApiAnswer = { readonly status: number; readonly body: unknown };

/**
 * An API server of real HTTP that answers discovery, objects, lists and access reviews from a state. What is to be deleted
 * it answers for by the same state, and deletes nothing.
 */
export function startApiServer(stateNow: () => ApiServerState): Promise<ApiServer> {
  return serveApi((request) => answer(request, stateNow()));
}

/** A server of real HTTP, on a free port, that its `config` takes for an API server. */
export async function serveApi(answerTo: (request: IncomingMessage) => Promise<ApiAnswer>): Promise<ApiServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void answerTo(request).then(({ status, body }) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(status).end(body === undefined ? '<html>' : JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'here', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }],
    users: [{ name: 'ada', token: 'secret' }],
    contexts: [{ name: 'here', cluster: 'here', user: 'ada' }],
    currentContext: 'here',
  });
  return {
    reader: apiReader(config),
    writer: apiWriter(config),
    config,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const NOT_FOUND: ApiAnswer = { status: 404, body: {} };

async function answer(request: IncomingMessage, state: ApiServerState): Promise<ApiAnswer> {
  const path = new URL(request.url ?? '', 'http://here').pathname;
  if (path === '/version') return ok({ gitVersion: state.version });
  if (path.endsWith('/selfsubjectaccessreviews')) {
    const { spec } = JSON.parse(await text(request)) as Review;
    const { verb, group, resource } = spec.resourceAttributes;
    return ok({ status: { allowed: state.allows(verb, { group, name: resource }) } });
  }
  if (state.forbidden?.test(path)) return { status: 403, body: { message: 'ada cannot' } };
  const [, version = '', rest = ''] = /^\/(?:api|apis)\/(v1|[^/]+\/[^/]+)(\/.*)?$/.exec(path) ?? [];
  const served = state.kinds.filter((kind) => kind.startsWith(`${version} `)).map((kind) => resourceOf(kind));
  if (served.length === 0) return NOT_FOUND;
  if (rest === '') return ok({ resources: served });
  const found = objectsAt(rest, version, served, state);
  if (found.status !== 200) return found;
  if (request.method === 'DELETE') return deletion(found, await text(request));
  if (request.method !== 'PATCH') return found;
  const body: unknown = JSON.parse(await text(request));
  return state.patch?.(found.body as KubernetesObject, body) ?? { status: 405, body: { message: 'not allowed' } };
}

type Review = {
  readonly spec: {
    readonly resourceAttributes: { readonly verb: string; readonly group: string; readonly resource: string };
  };
};

type Served = { readonly name: string; readonly kind: string; readonly namespaced: boolean };

function objectsAt(rest: string, apiVersion: string, served: readonly Served[], state: ApiServerState): ApiAnswer {
  const [, namespace, plural, name] = /^(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?$/.exec(rest) ?? [];
  const kind = served.find((each) => each.name === plural)?.kind;
  if (kind === undefined) return NOT_FOUND;
  const metadata = { name: name ?? '', ...(namespace !== undefined && { namespace }) };
  const found = state.objects.filter((object) =>
    name === undefined
      ? object.apiVersion === apiVersion && object.kind === kind && object.metadata.namespace === namespace
      : objectKey(object) === objectKey({ apiVersion, kind, metadata }),
  );
  if (name === undefined) return ok({ metadata: {}, items: found });
  return found[0] ? ok(found[0]) : NOT_FOUND;
}

/** 409 where the object is no longer the one that was meant. */
function deletion(found: ApiAnswer, options: string): ApiAnswer {
  const { preconditions } = JSON.parse(options) as { readonly preconditions: Readonly<Record<string, string>> };
  const { metadata } = found.body as { readonly metadata: Readonly<Record<string, unknown>> };
  const isSame = Object.entries(preconditions).every(([field, value]) => metadata[field] === value);
  return isSame ? ok({ kind: 'Status' }) : { status: 409, body: { message: 'the object has been modified' } };
}

function resourceOf(text: string): Served {
  const [, kind = ''] = text.split(' ');
  const own = kind.replace('*', '');
  const plural = own
    .toLowerCase()
    .replace(/(s|x)$/, '$1e')
    .replace(/y$/, 'ie');
  return { name: `${plural}s`, kind: own, namespaced: !kind.endsWith('*') };
}

function ok(body: unknown): ApiAnswer {
  return { status: 200, body };
}
