import { randomBytes } from 'node:crypto';
import { isGuarded, type Service } from '../../../../service/definition/index.ts';
import type { Experiment } from '../../../experiment.ts';
import type { Clock } from '../../clock.ts';
import type { Stand } from '../../stand.ts';
import { kindOf } from '../faults/index.ts';
import { waitUntil } from '../faults/wait-until.ts';
import { findDone, MAX_TTL_MS, openFaults, type JournalStore } from '../journal/index.ts';
import type { Place } from '../place.ts';
import { faultsIn, type Seat } from '../runner/seat.ts';
import { standGateway } from './gateway.ts';
import { clusterMeans, knownChaos } from './means.ts';
import { standPrometheus } from './prometheus.ts';

/** What a stand in a cluster is made of. */
export type ClusterStandOptions = {
  readonly service: Service;
  readonly place: Place;
  readonly store: JournalStore;
  readonly clock: Clock;
  /** By which wishes are written; absent: nothing can be injected, as for a dry run. */
  readonly seat?: Seat;
  readonly credentials: Stand['credentials'];
  /** Where clients send requests; default the Service of the gateway. */
  readonly origin?: string;
  /** Default that of the environment. */
  readonly prometheus?: string;
  /** Commit of what runs. */
  readonly commit: string;
};

/** Longer than any pod of ours takes to start, any workload to be scaled away, and any drain of a node. */
const INJECTED_WITHIN_MS = 600_000;
const REVERTED_WITHIN_MS = 300_000;

/** A stand over a cluster: it sees by the API server, Prometheus and the gateway, and acts by wishes to the keeper. */
export async function clusterStand(options: ClusterStandOptions): Promise<Stand> {
  const { service, place, store, clock, seat, credentials, commit } = options;
  const { origin = `http://gateway:${service.gateway.port}` } = options;
  const known = await knownChaos(place.connection);
  const prometheus = standPrometheus(service, options.prometheus);
  const meansOf = (experiment: Experiment) => clusterMeans(experiment, service, known);

  async function inject(experiment: Experiment, deadline: number): Promise<void> {
    const means = meansOf(experiment);
    if ('skipped' in means) throw new Error(`${experiment.id} cannot be done here: ${means.skipped}`);
    if (!seat) throw new Error('this drill looks only: it has no seat in the journal');
    const id = `${experiment.id.slice(0, 40)}-${randomBytes(4).toString('hex')}`;
    const ttl = Math.min(deadline, MAX_TTL_MS);
    await seat.want([{ id, experiment: experiment.id, fault: means.fault, ttl, requestedBy: seat.id }]);
    const done = await waitUntil(
      async () => {
        const found = findDone((await store.read()).journal, id);
        return found?.state === 'injected' || found?.state === 'over' || found?.failed !== undefined
          ? found
          : undefined;
      },
      { clock, what: 'the keeper injects the fault', within: INJECTED_WITHIN_MS, signal: seat.lost },
    );
    if (done.state === 'injected') return;
    await revert();
    throw new Error(`the keeper could not inject the fault: ${done.failed ?? done.why ?? 'it does not say why'}`);
  }

  async function revert(): Promise<void> {
    await seat?.want([]);
    await waitUntil(async () => (openFaults((await store.read()).journal).length === 0 ? true : undefined), {
      clock,
      what: 'the keeper takes every fault back',
      within: REVERTED_WITHIN_MS,
    });
  }

  return {
    target: 'cluster',
    service,
    origin,
    credentials,
    ...standGateway(place, service),
    query: prometheus.query,
    alerts: prometheus.alerts,
    async versions() {
      const { gitVersion } = (await place.connection.get('/version', 'get version')) as { readonly gitVersion: string };
      return {
        sluice: `${service.version}-${commit}`,
        node: process.versions.node,
        kubernetes: gitVersion.replace(/^v/, ''),
        prometheus: await prometheus.version().catch(() => 'unknown'),
      };
    },
    blindTo(kind) {
      if (kind === 'guard' && !isGuarded(service)) return 'releases of this environment are not guarded';
      return undefined;
    },
    meansFor(experiment) {
      const means = meansOf(experiment);
      return 'skipped' in means ? means : { means: means.means };
    },
    touches(experiment) {
      const means = meansOf(experiment);
      return 'skipped' in means ? [] : kindOf(means.fault).touches(means.fault, service);
    },
    inject,
    revert,
    leftovers: async () => faultsIn((await store.read()).journal),
    close: () => Promise.resolve(),
  };
}
