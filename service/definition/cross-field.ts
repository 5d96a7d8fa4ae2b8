import type { Finding } from './findings.ts';
import type { ServiceValues } from './schema.ts';

type Rule = (service: ServiceValues) => Finding[];

/** What no single field can tell; rules that join layers are invariants and stand in `infra/invariants`. */
const RULES: readonly Rule[] = [
  function portsDiffer({ gateway }) {
    if (gateway.port !== gateway.opsPort) return [];
    return [{ path: 'gateway.opsPort', value: gateway.opsPort, right: 'another port than gateway.port' }];
  },
  function minNotAboveMax({ scaling }) {
    if (scaling.min <= scaling.max) return [];
    return [{ path: 'scaling.min', value: scaling.min, right: `at most scaling.max, ${scaling.max}` }];
  },
  function everyWorkerHasAConnection({ gateway, datastores }) {
    return Object.entries(datastores.postgres.pools)
      .filter(([, connections]) => connections < gateway.workers)
      .map(([lane, connections]) => ({
        path: `datastores.postgres.pools.${lane}`,
        value: connections,
        right: `at least one connection for each of the ${gateway.workers} workers of a pod`,
      }));
  },
  function routesDiffer({ routes }) {
    const seen = new Map<string, string>();
    return Object.entries(routes).flatMap(([id, { method, path }]) => {
      const key = `${method} ${path.replace(/\{\w+\}/g, '{}')}`;
      const first = seen.get(key);
      seen.set(key, first ?? id);
      return first ? [{ path: `routes.${id}.path`, value: path, right: `another path than routes.${first}` }] : [];
    });
  },
  function onlyReadsAreCached({ routes }) {
    return Object.entries(routes)
      .filter(([, { method, cacheFor }]) => cacheFor !== undefined && method !== 'GET')
      .map(([id, { cacheFor }]) => ({
        path: `routes.${id}.cacheFor`,
        value: cacheFor,
        right: 'absent: only GET is cached',
      }));
  },
  function privateAnswersAreNotCached({ routes }) {
    return Object.entries(routes)
      .filter(([, { auth, cacheFor }]) => cacheFor !== undefined && auth === 'required')
      .map(([id, { cacheFor }]) => ({
        path: `routes.${id}.cacheFor`,
        value: cacheFor,
        right: 'absent: a cached answer is shared, and this route answers one caller',
      }));
  },
];

/** Findings of every rule that joins fields of one environment. */
export function crossFieldFindings(service: ServiceValues): Finding[] {
  return RULES.flatMap((rule) => rule(service));
}
