import type { KubeConfig } from '@kubernetes/client-node';
import type { Service } from '../../../service/definition/index.ts';
import type { Run } from '../../report/run.ts';
import { SYSTEM_CLOCK, type Clock } from '../clock.ts';
import { followJob } from './control/follow-job.ts';
import { startJob } from './control/start-job.ts';
import { stopDrills } from './control/stop-drills.ts';
import { journalStore } from './journal/index.ts';
import { connect } from './kubernetes.ts';
import { placeAt } from './place.ts';
import { readReports } from './runner/reports.ts';

export { DRILL } from './names.ts';

/** Which environment, on which cluster, and who asks. */
export type ClusterDrillsOptions = {
  readonly service: Service;
  /** The cluster and the user that a kubeconfig means. */
  readonly config: KubeConfig;
  /** Name of the person, as journals and reports have it. */
  readonly by: string;
  readonly clock?: Clock;
};

/** A drill in a cluster, as it is asked for. */
export type ClusterDrill = {
  /** One experiment; absent: all that the definition names and the environment can. */
  readonly experiment?: string;
  /** Looks, says what would be touched and what is skipped, and touches nothing. */
  readonly dryRun?: boolean;
  /** Of the load; default: another one each time. */
  readonly seed?: number;
  /** Told each line of progress, once. */
  readonly onLine: (line: string) => void;
  /** Ends the following; the drill goes on in the cluster. */
  readonly signal?: AbortSignal;
};

/** Drills of an environment, from outside of its cluster. Every call throws a ClusterError when the cluster does not answer. */
export type ClusterDrills = {
  /** Starts a drill in the cluster and follows it to its end; gives its exit code: 0 passed, 1 failed, 2 refused, 3 aborted. */
  readonly start: (drill: ClusterDrill) => Promise<number>;
  /** Pulls the kill switch and resolves once no fault is there any more. */
  readonly stop: (options: { readonly onLine: (line: string) => void }) => Promise<void>;
  /** The runs that the cluster keeps reports of, since a time in milliseconds since 1970, the oldest first. */
  readonly reports: (options?: { readonly since?: number }) => Promise<readonly Run[]>;
};

/** The way to the drills of an environment. Nothing is asked before the first call. */
export function openClusterDrills({ service, config, by, clock = SYSTEM_CLOCK }: ClusterDrillsOptions): ClusterDrills {
  const place = placeAt(connect(config), service.namespace);
  const store = journalStore(place);
  return {
    async start({ experiment, dryRun = false, seed, onLine, signal = new AbortController().signal }) {
      const args = [
        ...(experiment === undefined ? ['--all'] : ['--experiment', experiment]),
        ...(dryRun ? ['--dry-run'] : []),
        ...(seed === undefined ? [] : ['--seed', `${seed}`]),
        '--by',
        by,
      ];
      const job = await startJob(place, { args });
      onLine(`the Job ${job} drills ${service.namespace}`);
      return followJob(place, job, { clock, onLine, signal });
    },
    stop: ({ onLine }) => stopDrills({ place, store, service, clock, by, onLine }),
    reports: ({ since = 0 } = {}) => readReports(place, since),
  };
}
