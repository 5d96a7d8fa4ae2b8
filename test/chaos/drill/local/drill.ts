import { definition, withValues, type Service } from '../../../../service/definition/index.ts';
import { localValues } from '../../../../chaos/drill/local/local-values.ts';
import { startLocalStand, type LocalStand } from '../../../../chaos/drill/local/stand.ts';
import { QUICK } from '../../../../chaos/drill/pace.ts';
import type { Experiment, LocalFault } from '../../../../chaos/experiment.ts';

/** An experiment that does a fault and expects nothing. */
export function experimentWith(local: LocalFault | undefined, more: Partial<Experiment> = {}): Experiment {
  return {
    id: 'try',
    hypothesis: 'Nothing is believed.',
    steadyState: { queries: () => ({}), http: [] },
    load: {},
    means: local ? { local } : {},
    duration: '1m',
    least: '1s',
    blastRadius: 'Nobody notices.',
    chain: [],
    bounds: [],
    mustNotTrip: [],
    guardIdle: true,
    abortAbove: '50%',
    protection: { name: 'nothing', without: [], breaks: [] },
    fits: () => true,
    ...more,
  };
}

/** The definition of a local drill at quick pace. */
export function quickService(more: readonly string[] = []): Service {
  return withValues(definition.dev, [...localValues(experimentWith(undefined), QUICK), ...more]);
}

/** Starts a stand with a record in a folder of the test. */
export function startStand(
  state: string,
  log: (line: string) => void = () => undefined,
  more: readonly string[] = [],
): Promise<LocalStand> {
  return startLocalStand({
    service: quickService(more),
    experiment: experimentWith(undefined),
    pace: QUICK,
    seed: 7,
    log,
    state,
  });
}
