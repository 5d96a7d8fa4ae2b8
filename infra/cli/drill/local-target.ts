import { join } from 'node:path';
import { DrillRunsError, MissingServerError } from '../../../chaos/drill/local/errors.ts';
import { localValues } from '../../../chaos/drill/local/local-values.ts';
import { describeFault, localFaultOf } from '../../../chaos/drill/local/means.ts';
import { findServers, missing, WATCHING, type Servers } from '../../../chaos/drill/local/server-programs.ts';
import { startLocalStand } from '../../../chaos/drill/local/stand.ts';
import type { Experiment } from '../../../chaos/index.ts';
import { DefinitionError, withValues, type Service } from '../../../service/definition/index.ts';
import { UnavailableError, UsageError } from '../errors.ts';
import { PROJECT } from '../serve/child.ts';
import { takeLock } from './lock.ts';
import type { DrillTarget } from './target.ts';

/** Where a local drill keeps what the next one has to know. */
export const LOCAL_STATE = join(PROJECT, '.sluice', 'drill');

export type LocalTargetOptions = {
  /** What runs, before the values that every local drill sets. */
  readonly service: Service;
  /** Default `LOCAL_STATE`. */
  readonly state?: string;
  /** What of other people's servers is here; default: what is on PATH. */
  readonly servers?: Servers;
  /** Starts what an experiment runs against. */
  readonly start?: typeof startLocalStand;
};

/** Drills on this machine: each experiment has programs of its own, which end with it. */
export function localTarget({
  service,
  state = LOCAL_STATE,
  servers = findServers(),
  start = startLocalStand,
}: LocalTargetOptions): DrillTarget {
  return {
    name: 'local',
    plan(experiment) {
      if (servers.redis === undefined) {
        return Promise.resolve({ skipped: `a local drill needs Redis: ${missing('redis')}`, isMissing: true });
      }
      const means = localFaultOf(experiment, servers);
      if ('skipped' in means) {
        return Promise.resolve({ ...means, isMissing: experiment.means.local !== undefined });
      }
      return Promise.resolve({
        means: 'local' as const,
        touches: ['programs of its own on this machine, each at a free port', ...describeFault(means.fault)],
        unseen: unseenOf(experiment, servers),
      });
    },
    async open(experiment, { pace, seed, unprotected, log }) {
      const values = localValues(experiment, pace, { service, unprotected });
      try {
        return await start({
          service: withLocalValues(service, values, experiment),
          experiment,
          pace,
          seed,
          log,
          state,
        });
      } catch (error) {
        if (error instanceof MissingServerError) throw new UnavailableError(error.message, { cause: error });
        if (error instanceof DrillRunsError) throw new UsageError(error.message, { cause: error });
        throw error;
      }
    },
    reserve() {
      const release = takeLock(state);
      return Promise.resolve(() => {
        release();
        return Promise.resolve();
      });
    },
  };
}

function withLocalValues(service: Service, values: readonly string[], { id }: Experiment): Service {
  try {
    return withValues(service, values);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw new UsageError(`${id} cannot be drilled with the values of ${service.environment}: ${error.message}`, {
      cause: error,
    });
  }
}

/** Links that need an alert cannot be seen without all that tells one. */
function unseenOf({ chain, mustNotTrip }: Experiment, servers: Servers): readonly string[] {
  const absent = WATCHING.find((id) => servers[id] === undefined);
  if (absent === undefined) return [];
  const links = chain.filter(({ expect }) => expect.kind === 'alert').map(({ id }) => id);
  return [...links, ...mustNotTrip.map((alert) => `silent-${alert}`)].map((id) => `${id}: ${missing(absent)}`);
}
