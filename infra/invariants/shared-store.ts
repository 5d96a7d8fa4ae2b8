import type { Breach, Invariant } from './finding.ts';

/** More than one pod needs a store outside the pods, and one that forgets nothing it was told to keep. */
export const sharedStore: Invariant = {
  id: 'shared-store',
  layers: ['autoscaler', 'gateway', 'Redis'],
  reason:
    'Limits and sessions are promises. In the memory of one pod the others do not know them, and a store that ' +
    'evicts forgets them when it is full: callers are admitted many times over, or signed out at random.',
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

function nothingEvicted({ backend, redis }: { backend: string; redis: { evictionPolicy: string } }): Breach[] {
  if (backend !== 'redis' || redis.evictionPolicy === 'noeviction') return [];
  return [
    {
      path: 'stores.redis.evictionPolicy',
      problem: `Redis keeps limits and sessions beside the cache, and stores.redis.evictionPolicy=${redis.evictionPolicy} lets it drop them`,
      fixes: [{ settings: ['stores.redis.evictionPolicy=noeviction'] }],
    },
  ];
}
