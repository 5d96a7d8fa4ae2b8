import { STORES, parseRecord } from '../../../../alerts/rollback/index.ts';
import { GATEWAY } from '../../../../alerts/rollback/release-of.ts';
import type { Service } from '../../../../service/definition/index.ts';
import { METRICS, type Metric } from '../../../../service/telemetry/catalogue.ts';
import { createGrowth } from '../../growth.ts';
import { ask } from '../../local/ask.ts';
import { readMetric } from '../../local/metrics-page.ts';
import type { GuardEnding, Sample, Stand } from '../../stand.ts';
import { addressOf, isReady, podsOf } from '../faults/pods.ts';
import type { Place } from '../place.ts';

/** What a stand sees of the gateway: its pods, what they say, and what the guard made of its releases. */
export type StandGateway = Pick<Stand, 'breakers' | 'guardEnding' | 'pods' | 'upstreamRequests'>;

/** Looks at the gateway of a namespace; calls reject when it cannot be seen. */
export function standGateway(place: Place, { gateway }: Service): StandGateway {
  const attempts = createGrowth();

  /** The series of a metric of every Ready pod, by what each says itself: Prometheus is told only now and then. */
  async function read(metric: Metric): Promise<readonly Sample[]> {
    const pods = (await podsOf(place, GATEWAY)).filter(isReady);
    const pages = await Promise.all(
      pods.map(async (pod) => {
        const name = pod.metadata.name;
        // One that is on its way out says nothing any more, and what it said is known.
        const answer = await ask(`http://${addressOf(pod)}:${gateway.opsPort}/metrics`).catch(() => undefined);
        const samples = answer?.status === 200 ? readMetric(answer.text, metric) : [];
        return samples.map(({ labels, value }) => ({ labels: { ...labels, pod: name }, value }));
      }),
    );
    if (pods.length === 0) throw new Error('no pod of the gateway is Ready');
    if (pages.every((page) => page.length === 0)) throw new Error('no pod of the gateway tells its metrics');
    return pages.flat();
  }

  return {
    async breakers() {
      const open: Record<string, number> = {};
      for (const { labels, value } of await read(METRICS.breakersOpen))
        open[labels.breaker ?? ''] = (open[labels.breaker ?? ''] ?? 0) + value;
      return open;
    },
    async upstreamRequests() {
      attempts.add(await read(METRICS.upstreamAttempts));
      return attempts.total();
    },
    async pods() {
      const [deployment, pods] = await Promise.all([place.require('Deployment', GATEWAY), podsOf(place, GATEWAY)]);
      const { replicas = 1 } = deployment.spec as { readonly replicas?: number };
      return { ready: pods.filter(isReady).length, wanted: replicas };
    },
    async guardEnding(since) {
      const { data = {} } = await place.require('ConfigMap', STORES.releases);
      const endings = Object.values(data as Readonly<Record<string, string>>)
        .map((text) => parseRecord(text))
        .filter(({ endedAt }) => endedAt > since)
        .toSorted((a, b) => b.endedAt - a.endedAt);
      const [newest] = endings;
      return newest && endingOf(newest);
    },
  };
}

function endingOf({ outcome, decision, endedAt, hash }: ReturnType<typeof parseRecord>): GuardEnding {
  return { outcome, ...(decision && { decidedAt: decision.at }), endedAt, hash };
}
