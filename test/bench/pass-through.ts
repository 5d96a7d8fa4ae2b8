import type { Contestant } from './contestants/contestant.ts';
import { startGateway } from './contestants/gateway.ts';
import { startNginxOrigin, startNginxProxy } from './contestants/nginx.ts';
import { startPeer, withHelper } from './contestants/peers.ts';
import { CLOSED_LOOP_PROGRAMS, requestsPerSecond } from './load/closed-loop.ts';
import { medianLatency } from './load/open-loop.ts';
import { canMeasure, type Measure } from './measure.ts';
import { BENCH_BODY } from './peers/body.ts';
import { race, ratio, type Start } from './race.ts';

const OPEN_LOOP_RATE = 500;
const PATH = '/anything';

/** An answer that is passed through from a fast origin: throughput in a closed loop, added time in an open one. */
export async function measurePassThrough(rounds: number): Promise<readonly Measure[]> {
  if (!canMeasure('pass-through', [...CLOSED_LOOP_PROGRAMS, 'nginx'])) return [];
  const contestants: Record<'gateway' | 'http' | 'dispatch' | 'nginx', Start> = {
    gateway: () => behind((origin) => startGateway({ path: PATH, variables: { PROXY_ORIGIN: origin, LIMITS: 'off' } })),
    http: () => behind((origin) => startPeer('http-proxy', { ORIGIN: origin }, PATH)),
    dispatch: () => behind((origin) => startPeer('dispatch-proxy', { ORIGIN: origin }, PATH)),
    nginx: () => behind(startNginxProxy),
  };
  const rates = await race(rounds, contestants, requestsPerSecond);
  const times = await race(rounds, contestants, (contestant) => medianLatency(contestant, OPEN_LOOP_RATE));
  return [
    row('pass-through vs http.request + pipe', ratio(rates, 'gateway', 'http'), '≥ 1.7', '≥ 2.5'),
    row('pass-through vs nginx proxy_pass', ratio(rates, 'gateway', 'nginx'), '≥ 0.27', '≥ 0.4'),
    { name: 'pass-through vs the least on undici', value: ratio(rates, 'gateway', 'dispatch'), unit: 'ratio' },
    row('p50 through the proxy vs nginx, open loop of 500/s', ratio(times, 'gateway', 'nginx'), '≤ 1.4', '≤ 1.15'),
    { name: 'p50 of the least on undici vs nginx', value: ratio(times, 'dispatch', 'nginx'), unit: 'ratio' },
  ];
}

async function behind(start: (origin: string) => Promise<Contestant>): Promise<Contestant> {
  const origin = await startNginxOrigin(BENCH_BODY);
  return withHelper(origin, ({ url }) => start(new URL(url).origin));
}

function row(name: string, value: number, hold: string, aim: string): Measure {
  return { name, value, unit: 'ratio', hold, aim };
}
