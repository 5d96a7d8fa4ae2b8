import type { Finding } from './findings.ts';
import type { ServiceValues } from './schema.ts';

const AT = 'stores.redis';

/** What no single field of Redis can tell. */
export function redisFindings({ stores: { backend, redis } }: ServiceValues): Finding[] {
  const { kind, cluster, replicas, sentinels } = redis;
  if (backend !== 'redis') return [];
  return [
    ...when(cluster && kind !== 'external', 'cluster', true, "false, or stores.redis.kind 'external' beside it"),
    ...(kind === 'replicated'
      ? [
          ...when(
            replicas < 3,
            'replicas',
            replicas,
            "at least 3, so that with one lost the primary still has who follows it; or stores.redis.kind 'single'",
          ),
          ...when(
            sentinels < 3 || sentinels % 2 === 0,
            'sentinels',
            sentinels,
            'an odd number of at least 3: of an even one no more may be lost than of the odd one below it',
          ),
        ]
      : []),
  ];
}

function when(wrong: boolean, field: string, value: unknown, right: string): Finding[] {
  return wrong ? [{ path: `${AT}.${field}`, value, right }] : [];
}
