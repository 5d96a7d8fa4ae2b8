import { describe, expect, test } from '@jest/globals';
import { ALERTS } from '../../alerts/index.ts';
import { EXPERIMENTS, type Experiment } from '../../chaos/index.ts';
import { definition, parseRate, toFraction, toMilliseconds, toSeconds } from '../../service/definition/index.ts';
import { LATENCY_BUCKETS, METRICS } from '../../service/telemetry/catalogue.ts';
import { runRules, type Expectation } from '../alerts/rule-test.ts';
import { requests, series, together, type InputSeries } from '../alerts/samples.ts';
import { testWith } from '../alerts/tools.ts';

const service = definition.staging;
const STEADY_MINUTES = 10;
const SCRAPES_PER_MINUTE = 4;

test('an experiment and the alert that it trips name each other', () => {
  const claimed = ALERTS.flatMap((alert) => ('experiment' in alert ? [[alert.experiment, alert.id]] : []));
  expect(EXPERIMENTS.map(({ id, trips }) => [id, trips])).toEqual(claimed);
});

describe.each<Experiment>(EXPERIMENTS)('$id', (experiment) => {
  const { fault, duration, traffic, trips, mustNotTrip } = experiment;
  const delay = toMilliseconds(fault.latency);

  test('is late enough for the objective, and not so late that a request fails', () => {
    const { connectTimeout, attemptTimeout } = service.upstream;
    expect(delay).toBeGreaterThan(toMilliseconds(service.slo.latency));
    expect(delay).toBeLessThan(toMilliseconds(connectTimeout));
    // On a new connection the handshake is late, and then the answer.
    expect(delay * 2).toBeLessThan(toMilliseconds(attemptTimeout));
  });

  test('needs no more traffic than one caller may send', () => {
    const { limit } = parseRate((service.routes.search?.limit ?? service.limits.address).window ?? '1/s');
    expect(perMinute(traffic.hit)).toBeLessThanOrEqual(limit);
  });

  testWith('promtool', 'trips its alert before the fault ends, and none that must stay silent', () => {
    const end = STEADY_MINUTES + toSeconds(duration) / 60;
    const slow = '2% of the requests in sluice-staging took longer than the objective in the last 5 minutes; 1% may.';
    const expectations: Expectation[] = [
      { alert: trips, at: `${STEADY_MINUTES}m` },
      { alert: trips, at: `${end}m`, fires: { labels: { slo: 'latency' }, description: slow } },
    ];
    for (let minute = STEADY_MINUTES; minute <= end; minute++) {
      expectations.push(...mustNotTrip.map((alert) => ({ alert, at: `${minute}m` })));
    }
    const { status, output } = runRules(service, timeline(experiment), expectations);
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});

/** Fast answers all the time, and from the fault on those that it hits, each as late as the fault makes it. */
function timeline({ fault, traffic, duration }: Experiment): InputSeries {
  const { namespace } = service;
  const hit = perMinute(traffic.hit) / SCRAPES_PER_MINUTE;
  const all = hit / toFraction(traffic.share);
  const late = LATENCY_BUCKETS.find((edge) => edge >= toSeconds(fault.latency)) ?? Infinity;
  const answers = { route: 'search', status_class: '2xx' };
  const minutes = toSeconds(duration) / 60;
  return together(
    series(namespace, METRICS.up, {}, '1x120'),
    requests(namespace, answers, [[STEADY_MINUTES + minutes, { 0.05: all - hit }]]),
    requests(namespace, { ...answers, pod: 'gateway-2' }, [
      [STEADY_MINUTES, {}],
      [minutes, { [late]: hit }],
    ]),
  );
}

function perMinute(rate: Parameters<typeof parseRate>[0]): number {
  const { limit, window } = parseRate(rate);
  return (limit / toSeconds(window)) * 60;
}
