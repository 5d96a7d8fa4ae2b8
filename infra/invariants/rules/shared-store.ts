import type { Service } from '../../../service/definition/index.ts';
import type { Breach, Invariant } from '../finding.ts';

/** More than one pod needs a store outside the pods, and one that forgets nothing it was told to keep. */
export const sharedStore: Invariant = {
  id: 'shared-store',
  layers: ['autoscaler', 'gateway', 'Redis'],
  reason:
    'Limits and sessions are promises. In the memory of one pod the others do not know them, and a store that ' +
    'evicts forgets them when it is full: callers are admitted many times over, or signed out at random. ' +
    'A cache may evict; so it has a Redis of its own.',
  formula: 'most pods ≤ 1, or limits and sessions are in Redis, which evicts none of them',
  example: { settings: ['stores.backend=memory'] },
  check: ({ scaling, stores }) => [...memoryServesOnePod(scaling.max, stores.backend), ...nothingEvicted(stores)],
};

function memoryServesOnePod(max: number, backend: string): Breach[] {
  if (max <= 1 || backend === 'redis') return [];
  return [
    {
      path: 'stores.backend',
      problem: `${max} HPA max > 1 pod, all that limits and sessions in memory (stores.backend=${backend}) can serve`,
      numbers: { left: max, right: 1, required: '<=', unit: 'pods' },
      fixes: [{ settings: ['stores.backend=redis'] }, { settings: ['scaling.min=1', 'scaling.max=1'] }],
    },
  ];
}

function nothingEvicted({ backend, redis }: Service['stores']): Breach[] {
  const { evictionPolicy } = redis.state;
  if (backend !== 'redis' || evictionPolicy === 'noeviction') return [];
  return [
    {
      path: 'stores.redis.state.evictionPolicy',
      problem: `Redis for state keeps limits and sessions, and stores.redis.state.evictionPolicy=${evictionPolicy} lets it drop them`,
      fixes: [{ settings: ['stores.redis.state.evictionPolicy=noeviction'] }],
    },
  ];
}
