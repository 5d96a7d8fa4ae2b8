import type { ServiceValues } from './schema.ts';

/** Port of the guard, which withdraws a bad release. */
export const GUARD_PORT = 9465;

/** Where Alertmanager tells the guard of a release; by its namespace, because the cluster's own runs in another. */
export function guardUrl(namespace: string): string {
  return `http://guard.${namespace}.svc:${GUARD_PORT}/alerts`;
}

/** Whether releases are judged. */
export function isGuarded({ release }: Pick<ServiceValues, 'release'>): boolean {
  return release.guard.mode !== 'off';
}
