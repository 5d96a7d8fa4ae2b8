import type { Route } from '../definition/index.ts';
import { Problem } from './problem.ts';
import type { Handler, ServedRoute } from './exchange.ts';

/** What a request's method and path lead to. */
export type RouteMatch = { readonly route: ServedRoute; readonly params: Readonly<Record<string, string>> };

/** Finds the route of a request; there is always one, since a request without one is answered by a route of its own. */
export type Router = (method: string, path: string) => RouteMatch;

/** Name of the route that answers what no other route does; it is limited and measured like them. */
export const UNMATCHED = 'unmatched';

type Template = { readonly pattern: RegExp; readonly names: readonly string[]; readonly route: ServedRoute };

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/** A router over the definition's routes. Throws when a route has no handler: a definition that cannot be served. */
export function createRouter(
  routes: Readonly<Record<string, Route>>,
  handlers: Readonly<Record<string, Handler>>,
): Router {
  const served = Object.entries(routes).map(([id, route]): ServedRoute => {
    const handler = handlers[id];
    if (!handler) throw new Error(`The route '${id}' has no handler; add one to service/app, or remove the route`);
    return { ...route, id, handler };
  });
  const fixed = new Map<string, RouteMatch>();
  const templates: Template[] = [];
  for (const route of served) {
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    if (names.length === 0) fixed.set(`${route.method} ${route.path}`, { route, params: NO_PARAMS });
    else templates.push({ pattern: templatePattern(route.path), names, route });
  }
  const find = (method: string, path: string): RouteMatch | undefined => {
    const exact = fixed.get(`${method} ${path}`);
    if (exact) return exact;
    for (const { pattern, names, route } of templates) {
      const match = route.method === method ? pattern.exec(path) : null;
      if (match)
        return { route, params: Object.fromEntries(names.map((name, i) => [name, decode(match[i + 1] ?? '')])) };
    }
    return undefined;
  };
  const methodsAt = (path: string): string[] =>
    [...new Set(served.map(({ method }) => method))].filter((method) => find(method, path) !== undefined);
  return (method, path) => {
    // A HEAD is answered as its GET is; node:http leaves the body out.
    const match = find(method === 'HEAD' ? 'GET' : method, path);
    return match ?? { route: unmatched(methodsAt(path)), params: NO_PARAMS };
  };
}

function unmatched(allowed: readonly string[]): ServedRoute {
  return {
    id: UNMATCHED,
    method: 'GET',
    path: '/',
    lane: 'critical',
    timeout: '5s',
    auth: 'optional',
    limited: true,
    errors: 'problem',
    tags: [],
    handler: () => {
      if (allowed.length === 0) throw new Problem('route-not-found');
      throw new Problem('method-not-allowed', { headers: ['allow', allowed.join(', ')] });
    },
  };
}

function templatePattern(path: string): RegExp {
  const source = path
    .split('/')
    .map((segment) => (segment.startsWith('{') ? '([^/]+)' : segment.replaceAll('.', '\\.')));
  return new RegExp(`^${source.join('/')}$`);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new Problem('malformed-request', {
      detail: 'The path has a percent sign that starts no valid escape.',
      cause,
    });
  }
}
