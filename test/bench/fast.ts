import { startGateway } from './contestants/gateway.ts';
import { startNginxCache } from './contestants/nginx.ts';
import { inFrontOfUpstream } from './contestants/peers.ts';
import { CLOSED_LOOP_PROGRAMS, requestsPerSecond } from './load/closed-loop.ts';
import { canMeasure, median, type Measure } from './measure.ts';
import { race, ratio, type Start } from './race.ts';

/** A cached and limited search, by the listener that does without node:http: against the default one and nginx. */
export async function measureFast(rounds: number): Promise<readonly Measure[]> {
  if (!canMeasure('the fast listener', CLOSED_LOOP_PROGRAMS)) return [];
  const contestants: Record<string, Start> = {
    fast: () => startGateway({ values: ['gateway.listener=fast'] }),
    http: () => startGateway(),
  };
  if (canMeasure('nginx', ['nginx'])) contestants.nginx = () => inFrontOfUpstream(startNginxCache);
  const rates = await race(rounds, contestants, requestsPerSecond);
  const measures: Measure[] = [
    { name: 'cached + limited hit, fast listener, requests/s', value: median(rates.fast ?? []), unit: '1/s' },
    { name: 'fast listener vs the default one', value: ratio(rates, 'fast', 'http'), unit: 'ratio' },
  ];
  if ('nginx' in rates)
    measures.push({
      name: 'fast listener vs nginx proxy_cache + limit_req',
      value: ratio(rates, 'fast', 'nginx'),
      unit: 'ratio',
      hold: '≥ 1.0',
      aim: '≥ 1.15',
    });
  return measures;
}
