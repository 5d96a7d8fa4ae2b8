import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { LiveObject } from '../../../alerts/rollback/cluster/live-object.ts';
import { serveApi, type ApiAnswer, type ApiServer } from '../api-server.ts';
import { runControllers } from './controllers.ts';
import { Objects } from './objects.ts';
import { jsonPatched, mergePatched, PatchFailure } from './patches.ts';

/** A namespace of a cluster that runs no pods: real HTTP, and what an API server and its controllers do with objects. */
export type ClusterApi = ApiServer & {
  readonly namespace: string;
  /** Makes requests whose method and path match fail; undefined: none does. */
  fail: (which: RegExp | undefined) => void;
};

const NAMESPACE = 'shop';

/** Starts one, empty. */
export async function startClusterApi(): Promise<ClusterApi> {
  const objects = new Objects();
  let failing: RegExp | undefined;
  const server = await serveApi(async (request) => {
    const body = await text(request);
    if (failing?.test(`${request.method} ${request.url}`)) return status(500, 'the server is not well');
    const answer = answerTo(request, body, objects);
    if (request.method !== 'GET') {
      runControllers(objects, `/apis/apps/v1/namespaces/${NAMESPACE}`, `/api/v1/namespaces/${NAMESPACE}`);
    }
    return answer;
  });
  return { ...server, namespace: NAMESPACE, fail: (which) => (failing = which) };
}

function answerTo(request: IncomingMessage, body: string, objects: Objects): ApiAnswer {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://here');
  const manager = searchParams.get('fieldManager') ?? 'somebody';
  const parsed = (body === '' ? {} : JSON.parse(body)) as LiveObject;
  const found = objects.find(pathname);
  switch (request.method) {
    case 'POST': {
      const path = `${pathname}/${parsed.metadata.name}`;
      if (objects.find(path)) return status(409, `${parsed.metadata.name} already exists`);
      return { status: 201, body: objects.create(path, parsed, manager) };
    }
    case 'PATCH':
      return found ? patched(request, pathname, found, parsed, manager, objects) : status(404, 'not found');
    case 'DELETE': {
      if (!found) return status(404, 'not found');
      const { preconditions = {} } = parsed as { preconditions?: Readonly<Record<string, unknown>> };
      const isSame = Object.entries(preconditions).every(([key, value]) => found.metadata[key as 'uid'] === value);
      if (!isSame) return status(409, 'the object is another one');
      objects.remove(pathname);
      return status(200, 'deleted');
    }
    default:
      if (found) return { status: 200, body: isBrief(request) ? { metadata: found.metadata } : found };
      return /\/(deployments|replicasets|pods|resourcequotas|events)$/.test(pathname)
        ? listed(objects.below(pathname), searchParams.get('labelSelector') ?? '')
        : status(404, 'not found');
  }
}

function patched(
  { headers }: IncomingMessage,
  path: string,
  found: LiveObject,
  patch: unknown,
  manager: string,
  objects: Objects,
): ApiAnswer {
  const type = headers['content-type'];
  if (type === 'application/apply-patch+yaml') {
    return { status: 200, body: objects.apply(path, found, patch as LiveObject, manager) };
  }
  try {
    const isMerge = type !== 'application/json-patch+json';
    const next = (isMerge ? mergePatched(found, patch) : jsonPatched(found, patch as [])) as LiveObject;
    const isAsRead = next.metadata.resourceVersion === found.metadata.resourceVersion;
    if (!isAsRead) return status(409, 'the object has been modified');
    return { status: 200, body: objects.update(path, next, manager) };
  } catch (error) {
    if (error instanceof PatchFailure) return status(422, 'the server rejected our request due to an error in it');
    throw error;
  }
}

function listed(all: readonly LiveObject[], selector: string): ApiAnswer {
  const items = all.filter((object) => isSelected(object, selector));
  return { status: 200, body: { metadata: {}, items } };
}

/** Whether what names an object is asked for alone. */
function isBrief({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('as=PartialObjectMetadata;') ?? false;
}

/** `name=value`, and `name in (a,b)`. */
function isSelected({ metadata: { labels = {} } }: LiveObject, selector: string): boolean {
  if (selector === '') return true;
  const [, name = '', values = ''] = /^(\S+) in \((.*)\)$/.exec(selector) ?? /^([^=]+)=(.*)$/.exec(selector) ?? [];
  return values.split(',').includes(labels[name] ?? '');
}

function status(code: number, message: string): ApiAnswer {
  return { status: code, body: { kind: 'Status', message } };
}
