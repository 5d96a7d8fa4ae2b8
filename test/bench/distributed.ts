import type { Contestant } from './contestants/contestant.ts';
import { readCounter, startGateway, type Gateway } from './contestants/gateway.ts';
import { startBenchRedis } from './contestants/redis.ts';
import { startUsualStack } from './hits.ts';
import { CLOSED_LOOP_PROGRAMS, requestsPerSecond } from './load/closed-loop.ts';
import { canMeasure, median, type Measure } from './measure.ts';
import { race, ratio, type Start } from './race.ts';

/** Limits that processes share: every request decided in Redis, or from a lease, against in-process and the usual. */
export async function measureDistributed(rounds: number): Promise<readonly Measure[]> {
  if (!canMeasure('distributed limits', [...CLOSED_LOOP_PROGRAMS, 'redis-server'])) return [];
  const trips: Record<'exact' | 'lease', number[]> = { exact: [], lease: [] };
  const contestants: Record<'memory' | 'exact' | 'lease' | 'usual', Start> = {
    memory: () => startGateway(),
    exact: () => startWithRedis('exact', trips.exact),
    lease: () => startWithRedis('lease', trips.lease),
    usual: startUsualStack,
  };
  const rates = await race(rounds, contestants, requestsPerSecond);
  return [
    {
      name: 'exact limits in Redis, trips per request',
      value: median(trips.exact),
      unit: 'calls',
      hold: '≤ 1',
      aim: '≤ 0.1',
    },
    {
      name: 'exact limits in Redis vs the usual Express stack',
      value: ratio(rates, 'exact', 'usual'),
      unit: 'ratio',
      hold: '≥ 7',
      aim: '≥ 9',
    },
    {
      name: 'leased limits vs in-process limits',
      value: ratio(rates, 'lease', 'memory'),
      unit: 'ratio',
      hold: '≥ 0.75',
      aim: '≥ 0.9',
    },
    { name: 'leased limits, trips per request', value: median(trips.lease), unit: 'calls' },
  ];
}

/** The gateway on a Redis of its own; when it stops, its trips per request are noted. */
async function startWithRedis(mode: 'exact' | 'lease', trips: number[]): Promise<Contestant> {
  const redis = await startBenchRedis();
  const gateway = await startGateway({ values: [`limits.mode=${mode}`], variables: { REDIS_URL: redis.url } });
  return {
    ...gateway,
    async stop() {
      trips.push(await tripsPerRequest(gateway));
      await gateway.stop();
      await redis.stop();
    },
  };
}

async function tripsPerRequest(gateway: Gateway): Promise<number> {
  const made = await readCounter(gateway, 'gateway_limit_store_trips_total');
  return made / (await readCounter(gateway, 'gateway_limit_decisions_total'));
}
