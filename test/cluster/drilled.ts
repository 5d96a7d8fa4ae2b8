import { KubeConfig } from '@kubernetes/client-node';
import { openClusterDrills, type ClusterDrills } from '../../chaos/drill/cluster/index.ts';
import { journalStore, openFaults, type JournalStore } from '../../chaos/drill/cluster/journal/index.ts';
import { connect } from '../../chaos/drill/cluster/kubernetes.ts';
import { placeAt, type Place } from '../../chaos/drill/cluster/place.ts';
import type { Assertion, Run } from '../../chaos/report/run.ts';
import { isTelling } from '../../chaos/telling.ts';
import { definition, withValues, type Service } from '../../service/definition/index.ts';
import { METRICS, select, selectGateway } from '../../service/telemetry/catalogue.ts';
import { Guarded } from './guarded.ts';
import { send } from './load.ts';
import { poll } from './poll.ts';

/**
 * Drills are on, and what a rollback leaves behind does not stay for long. A few processors do
 * here what a cluster has many for: a store that waits for its turn is not taken for one that is away.
 */
const VALUES = [
  'drills.enabled=true',
  // A single user is enough: to log several in takes a minute.
  'limits.key=1000000/min',
  'release.withdrawnFor=1m',
  'stores.redis.commandTimeout=200ms',
  'resilience.breakers.redis.slowCall=200ms',
];

/** An alert that is resolved goes on for minutes where it explains what comes after. */
const CALM_MS = 900_000;

/** What a drill from outside came to. */
export type Drilled = { readonly exit: number; readonly lines: readonly string[] };

/** A guarded environment dev that is drilled, with what tests want to know of its drills. */
export class DrilledEnvironment extends Guarded {
  readonly place: Place;
  readonly store: JournalStore;
  readonly drills: ClusterDrills;
  private readonly drilled: Service;

  constructor(values: readonly string[] = []) {
    super([...VALUES, ...values]);
    const config = new KubeConfig();
    config.loadFromDefault();
    const service = withValues(definition.dev, [`namespace=${this.namespace}`, ...VALUES, ...values]);
    this.drilled = service;
    this.place = placeAt(connect(config), this.namespace);
    this.store = journalStore(this.place);
    this.drills = openClusterDrills({ service, config, by: 'a test' });
  }

  /** Runs an experiment, or all, by a Job of the CronJob, and follows it to its end. */
  async drill(experiment?: string, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<Drilled> {
    const lines: string[] = [];
    const onLine = (line: string): void => void lines.push(line);
    const exit = await this.drills.start({ ...(experiment !== undefined && { experiment }), dryRun, seed: 1, onLine });
    return { exit, lines };
  }

  /** Waits until what an earlier drill has stirred up is over: no breaker is open, and no alert fires that says so. */
  async calm(): Promise<void> {
    const service = this.drilled;
    await poll(CALM_MS, async () => {
      // A breaker closes by calls that it lets through, and each worker has its own.
      const url = (n: number) => `${this.origin}/v1/search?q=calm${n % 2}`;
      await Promise.all(Array.from({ length: 30 }, (_, n) => send(url(n)).catch(() => undefined)));
      const firing = await this.query(select(METRICS.alerts, { alertstate: 'firing', namespace: this.namespace }));
      const telling = firing.map(({ metric }) => metric.alertname ?? '').filter((name) => isTelling(name, service));
      const open = await this.query(`${selectGateway(this.namespace, METRICS.breakersOpen)} > 0`);
      const names = [...telling, ...open.map(({ metric }) => `breaker ${metric.breaker ?? ''}`)];
      if (names.length > 0) throw new Error(`not calm yet: ${names.join(', ')}`);
    });
  }

  /** Faults that are there now. */
  async faults(): Promise<readonly string[]> {
    return openFaults((await this.store.read()).journal).map(({ id, state }) => `${id} is ${state}`);
  }

  /** The newest report of an experiment. Throws where there is none. */
  async report(experiment: string): Promise<Run> {
    const run = (await this.drills.reports()).findLast((each) => each.experiment === experiment);
    if (!run) throw new Error(`there is no report of ${experiment}`);
    return run;
  }
}

/** What became of each assertion of a run. */
export function outcomes({ assertions }: Run): Readonly<Record<string, Assertion['outcome']>> {
  return Object.fromEntries(assertions.map(({ id, outcome }) => [id, outcome]));
}

/** Why a run did not pass, for whoever reads a test that failed. */
export function complaints({ assertions, reason }: Run): string {
  const broken = assertions.filter(({ outcome }) => outcome === 'broke');
  return [reason, ...broken.map(({ id, measured, allowed }) => `${id}: ${measured}, allowed ${allowed}`)].join('\n');
}
