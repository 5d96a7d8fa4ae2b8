import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ALERTS, pendingOf, type AlertId } from '../../../alerts/index.ts';
import { checkService } from '../../../infra/invariants/index.ts';
import { detectionTime } from '../../../infra/invariants/rules/release-time.ts';
import { definition, toMilliseconds, withValues } from '../../../service/definition/index.ts';
import { RECORDED, select } from '../../../service/telemetry/catalogue.ts';
import { startHttpSink, type HttpSink } from '../../alerts/stand-ins.ts';
import { eventually } from '../../support/eventually.ts';
import { exportersMissing } from '../../support/exporter.ts';
import { prometheusMissing } from '../../support/prometheus.ts';
import { redisMissing } from '../../support/redis.ts';
import { drawnIn, isFilled, query, type Drawn } from './drawn.ts';
import { HASHES, startStack, type Stack } from './stack.ts';
import { silentAmong, toldBy, type Told } from './told.ts';

/** What this machine may be late by: tests share its processors. */
const LATE_MS = 5_000;

/** The longest interval of a group of rules, and so the longest until each has been evaluated. */
const EVALUATED_MS = 125_000;

/** Panels that nothing here can fill, and why. */
const UNFILLED: Readonly<Record<string, string>> = {
  'How it ended': 'the release is judged as long as the test lasts',
  'Errors of the withdrawn release': 'none is withdrawn: there is no cluster to withdraw it from',
  'Latency of the withdrawn release': 'none is withdrawn',
  'Demand expected': 'a limit that adapts looks back over a day before it expects anything',
};

type Targets = { readonly activeTargets: readonly { readonly health: string; readonly labels: { job: string } }[] };
type Rule = { readonly name: string; readonly type: string; readonly health: string; readonly lastError?: string };
type Rules = { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
type Alerts = {
  readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
};

const missing = prometheusMissing() ?? alertmanagerMissing() ?? redisMissing() ?? exportersMissing();
if (missing !== undefined) console.warn(`skipped: the chain from a fault to its alert: ${missing}`);

(missing === undefined ? describe : describe.skip)('an environment, and what watches it', () => {
  let told: HttpSink;
  let stack: Stack;
  let service = definition.dev;
  let drawn: Drawn[] = [];

  beforeAll(async () => {
    told = await startHttpSink();
    service = withValues(definition.dev, [
      ...['scrapeInterval', 'evaluationInterval', 'discoveryInterval'].map((each) => `monitoring.${each}=1s`),
      `monitoring.receivers.team.webhook.url=${told.origin}/team`,
      'monitoring.notifications.watchdog.receiver=team',
      ...['groupWait=0s', 'groupInterval=1s'].map((each) => `monitoring.notifications.page.${each}`),
      // Errors alone are judged: how long answers take here depends on which other tests run.
      ...['guard.mode=act', 'window=5s', 'for=2s', 'minimumSample=40', 'latency=30s'].map((each) => `release.${each}`),
      ...['limits.address', 'limits.key', 'routes.search.limit', 'routes.chat.limit'].map((each) => `${each}=6000/min`),
      'limits.global.bucket.capacity=6000',
    ]);
    stack = await startStack(service, told);
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
    await told.close();
  }, 60_000);

  const toldOf = (id: AlertId, status: Told['status'] = 'firing'): readonly Told[] =>
    toldBy(told).filter(({ labels, status: is }) => labels.alertname === id && is === status);
  const requireTold = (id: AlertId, status: Told['status'] = 'firing'): Told => {
    const [first] = toldOf(id, status);
    if (!first)
      throw new Error(
        `nobody was told of ${id}, ${status}: ${toldBy(told)
          .map(({ labels, status: is }) => `${labels.alertname ?? ''} ${is}`)
          .join()}`,
      );
    return first;
  };
  /** From a cause that every scrape shows until a receiver is told, for an alert of which people are told at once. */
  const promised = (id: AlertId): number => {
    const { scrapeInterval, evaluationInterval } = service.monitoring;
    const alert = ALERTS.find((each) => each.id === id);
    if (!alert) throw new Error(`there is no alert ${id}`);
    const { delivery } = service.release;
    return [scrapeInterval, scrapeInterval, evaluationInterval, pendingOf(alert, service), delivery]
      .map(toMilliseconds)
      .reduce((sum, each) => sum + each);
  };
  const firing = async () => {
    const { alerts } = await stack.prometheus.ask<Alerts>('/api/v1/alerts');
    return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels);
  };
  const unfilled = async (): Promise<readonly string[]> => {
    const filled = await Promise.all(drawn.map((each) => isFilled(stack.prometheus, each)));
    drawn = drawn.filter((_, index) => !filled[index]);
    return [...new Set(drawn.map(({ panel }) => panel))].sort();
  };

  test('is of a definition that holds, with shorter times than as shipped', () => {
    expect(checkService(service)).toEqual([]);
  });

  test('is scraped whole', async () => {
    await eventually(async () => {
      const { activeTargets } = await stack.prometheus.ask<Targets>('/api/v1/targets');
      expect(activeTargets.map(({ labels, health }) => [labels.job, health]).sort()).toEqual([
        ['gateway', 'up'],
        ['gateway', 'up'],
        ['guard', 'up'],
        ['postgres-exporter', 'up'],
        ['redis-exporter', 'up'],
        ['redis-exporter', 'up'],
      ]);
    });
  });

  test('tells the guard of a release whose upstream crashes, and of no other, in the time that was computed', async () => {
    // Both releases have shown by now that they are well.
    await eventually(async () => {
      const enough = select(RECORDED.releaseRequests, { namespace: service.namespace });
      const judged = await query(stack.prometheus, `${enough} >= ${service.release.minimumSample}`);
      expect(judged.map(({ metric }) => metric.pod_template_hash).sort()).toEqual(Object.values(HASHES).sort());
    });
    const before = (await firing()).map(({ alertname }) => alertname);
    expect(before).toContain('Watchdog');
    for (const id of ['ReleaseErrorsHigh', 'ErrorsBurnFast', 'GatewayDown']) expect(before).not.toContain(id);
    const crashedAt = Date.now();
    await stack.bad.crashUpstream();
    const failedAt = await eventually(() => stack.bad.traffic.failedSince(crashedAt) ?? notYet());
    const within = detectionTime(service).value;
    const { path, labels, annotations } = await eventually(() => requireTold('ReleaseErrorsHigh'), within + LATE_MS);

    expect(Date.now() - failedAt).toBeLessThan(within + LATE_MS);
    expect({ path, labels }).toMatchObject({
      path: '/guard',
      labels: { severity: 'release', namespace: service.namespace, pod_template_hash: HASHES.bad },
    });
    expect(annotations).toMatchObject({ runbook_url: 'alerts/RUNBOOK.md#releaseerrorshigh' });
    expect(annotations.description).toMatch(/^Release 6c8e2a1f7 in sluice-dev fails [\d.]+% of its requests\.$/);
  });

  test('pages whoever is on call for the budget that burns', async () => {
    const { path, labels } = await eventually(() => requireTold('ErrorsBurnFast'), promised('ErrorsBurnFast') + 20_000);
    expect({ path, labels }).toMatchObject({
      path: '/team',
      labels: { severity: 'page', team: 'service', slo: 'errors' },
    });
  });

  test('fills every panel that does not wait for the slowest rules', async () => {
    drawn = [...(await drawnIn(service, stack.prometheus))];
    expect(drawn.length).toBeGreaterThan(70);
    await eventually(
      async () => {
        await unfilled();
        const waiting = drawn.filter(({ panel, query: asked }) => !(panel in UNFILLED) && !asked.includes(':'));
        expect(waiting).toEqual([]);
      },
      30_000,
      500,
    );
  });

  test('tells the guard when the release is well again, and never of the other', async () => {
    stack.bad.restartUpstream();
    const { window } = service.release;
    // It has to start, the errors have to leave the window, and a group is told of again after ten seconds.
    const within = 10_000 + toMilliseconds(window) + promised('Watchdog') + 10_000;
    await eventually(() => requireTold('ReleaseErrorsHigh', 'resolved'), within + LATE_MS);

    expect(requireTold('ReleaseErrorsHigh', 'resolved').labels.pod_template_hash).toBe(HASHES.bad);
    expect(toldBy(told).filter(({ labels }) => labels.pod_template_hash === HASHES.good)).toEqual([]);
  });

  test('pages once for a gateway that is down, and keeps to itself what follows from it', async () => {
    // Of the time before there was a Prometheus nothing is known, and nothing is held against anybody.
    const away = await query(stack.prometheus, select(RECORDED.badEvents, { slo: 'availability' }));
    expect(Number(away[0]?.value[1])).toBeLessThan(0.05);
    await Promise.all([stack.good, stack.bad].map(({ gateway }) => gateway.stop()));
    const stoppedAt = Date.now();
    const within = promised('GatewayDown');
    await eventually(() => requireTold('GatewayDown'), within + LATE_MS);
    expect(Date.now() - stoppedAt).toBeLessThan(within + LATE_MS);

    await eventually(async () => {
      const silent = silentAmong(await firing());
      expect(silent).toContain('ErrorsBurnFast');
      const inhibited = await stack.alertmanager.inhibited();
      expect([...new Set(inhibited)].sort()).toEqual(silent.map((id) => `${id} in ${service.namespace}`));
    });
  }, 120_000);

  test('sends its heartbeat to whoever waits for it, and to the guard', async () => {
    // Prometheus tells nobody what fires before it has found its Alertmanager, and tells of it again after a minute.
    await eventually(() => {
      const beats = toldOf('Watchdog');
      expect(new Set(beats.map(({ path }) => path))).toEqual(new Set(['/team', '/guard']));
      expect(beats[0]?.labels).toMatchObject({ severity: 'none' });
    }, 70_000);
  });

  test('has evaluated every rule without an error, and has filled every panel that can be', async () => {
    await eventually(
      async () => {
        const { groups } = await stack.prometheus.ask<Rules>('/api/v1/rules');
        const rules = groups.flatMap((group) => group.rules);
        expect(rules.filter(({ type }) => type === 'recording').length).toBeGreaterThan(40);
        expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
        expect(await unfilled()).toEqual(Object.keys(UNFILLED).sort());
      },
      EVALUATED_MS,
      500,
    );
  }, 150_000);
});

function alertmanagerMissing(): string | undefined {
  if (spawnSync('prometheus-alertmanager', ['--version']).error === undefined) return undefined;
  const reason = 'prometheus-alertmanager is not on PATH; install the package of this name';
  if (process.env.CI === 'true') throw new Error(reason);
  return reason;
}

function notYet(): never {
  throw new Error('no request has failed');
}
