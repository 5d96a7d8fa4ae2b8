import { startGateway } from './contestants/gateway.ts';
import { startHaproxyCache } from './contestants/haproxy.ts';
import { startNginxCache } from './contestants/nginx.ts';
import { inFrontOfUpstream, startPeer } from './contestants/peers.ts';
import { startBenchRedis } from './contestants/redis.ts';
import { CLOSED_LOOP_PROGRAMS, requestsPerSecond } from './load/closed-loop.ts';
import { canMeasure, median, type Measure } from './measure.ts';
import { race, ratio, type Start } from './race.ts';

/** A cached and limited search from memory: the gateway with one worker against what its users would otherwise pick. */
export async function measureHits(rounds: number): Promise<readonly Measure[]> {
  if (!canMeasure('cached hits', CLOSED_LOOP_PROGRAMS)) return [];
  const contestants: Record<string, Start> = {
    gateway: () => startGateway(),
    'node-http': () => startPeer('node-http'),
    express: () => startPeer('express'),
    'express-bare': () => startPeer('express-bare'),
  };
  if (canMeasure('the usual stack', ['redis-server'])) contestants.usual = startUsualStack;
  if (canMeasure('nginx', ['nginx'])) contestants.nginx = () => inFrontOfUpstream(startNginxCache);
  if (canMeasure('HAProxy', ['haproxy'])) contestants.haproxy = () => inFrontOfUpstream(startHaproxyCache);
  const rates = await race(rounds, contestants, requestsPerSecond);
  const rows: [peer: string, what: string, hold?: string, aim?: string][] = [
    ['node-http', 'bare node:http', '≥ 0.85', '≥ 0.92'],
    ['express', 'the same work as Express middleware', '≥ 5', '≥ 6'],
    ['usual', 'the usual Express stack', '≥ 12', '≥ 15'],
    ['nginx', 'nginx proxy_cache + limit_req'],
    ['haproxy', 'HAProxy cache + stick table'],
  ];
  return [
    { name: 'cached + limited hit, requests/s', value: median(rates.gateway ?? []), unit: '1/s' },
    ...rows
      .filter(([peer]) => peer in rates)
      .map(([peer, what, hold, aim]): Measure => {
        const value = ratio(rates, 'gateway', peer);
        return {
          name: `cached + limited hit vs ${what}`,
          value,
          unit: 'ratio',
          ...(hold && { hold }),
          ...(aim && { aim }),
        };
      }),
    { name: 'bare Express vs bare node:http', value: ratio(rates, 'express-bare', 'node-http'), unit: 'ratio' },
  ];
}

/** The usual stack with a Redis of its own. */
export async function startUsualStack(): ReturnType<Start> {
  const redis = await startBenchRedis();
  const peer = await startPeer('usual-stack', { REDIS_URL: redis.url });
  return {
    ...peer,
    async stop() {
      await peer.stop();
      await redis.stop();
    },
  };
}
