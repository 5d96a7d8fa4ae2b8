import type { KubernetesObject } from '../../synth/index.ts';
import type { Candidate, Obstacle } from './precondition.ts';
import { mostNeeded } from './needs.ts';
import { canonicalResource } from '../../../alerts/rollback/cluster/pod-need.ts';
import { parseQuantity } from '../../../alerts/rollback/cluster/quantity.ts';

const QUOTA = { apiVersion: 'v1', kind: 'ResourceQuota' };
const MEBIBYTE = 2 ** 20;

/** Quotas that are in the namespace already hold all pods that there can be at once. */
export async function quota({ objects, namespace, reader }: Candidate): Promise<readonly Obstacle[]> {
  const own = objects.filter(({ kind }) => kind === QUOTA.kind).map(({ metadata }) => metadata.name);
  const quotas = ((await reader.list(QUOTA, namespace)) ?? []).filter(({ metadata }) => !own.includes(metadata.name));
  const needed = mostNeeded(objects);
  return quotas.flatMap((each) => {
    const short = Object.entries(hardLimits(each)).flatMap(([resource, limit]) => {
      const need = needed[canonicalResource(resource)] ?? 0;
      return need > parseQuantity(limit) ? [`${resource} ${told(resource, need)} of ${limit}`] : [];
    });
    if (short.length === 0) return [];
    return [
      {
        problem: `the quota '${each.metadata.name}' in '${namespace}' would not hold all pods at the autoscaler's maximum: ${short.join(', ')}`,
        fix: 'have the quota raised, or lower scaling.max or the resources of the definition',
      },
    ];
  });
}

function hardLimits({ spec }: KubernetesObject): Readonly<Record<string, string>> {
  const { hard = {}, scopes = [], scopeSelector } = spec as QuotaSpec;
  // A quota of some pods only does not count what all of them need.
  return scopes.length > 0 || scopeSelector !== undefined ? {} : hard;
}

type QuotaSpec = {
  readonly hard?: Readonly<Record<string, string>>;
  readonly scopes?: readonly string[];
  readonly scopeSelector?: unknown;
};

function told(resource: string, need: number): string {
  if (/memory|storage/.test(resource)) return `${Math.ceil(need / MEBIBYTE)}Mi`;
  return resource.endsWith('cpu') ? `${Math.ceil(need * 1000)}m` : `${need}`;
}
