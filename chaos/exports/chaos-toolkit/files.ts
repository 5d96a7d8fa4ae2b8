import type { Service } from '../../../service/definition/index.ts';
import { chaosToolkitExperiments } from './experiment.ts';
import { faultFile } from './injection.ts';

/** Chaos Toolkit reads how rollbacks run from its settings; only some of its runners look into the experiment, too. */
const SETTINGS = { runtime: { rollbacks: { strategy: 'always' } } } as const;

/**
 * The folder that Chaos Toolkit is run in, by path: experiments, the objects that they hand to kubectl, and the settings
 * that have rollbacks always run. Nothing where drills are not enabled.
 */
export function chaosToolkitFiles(service: Service): ReadonlyMap<string, object> {
  const exports = chaosToolkitExperiments(service);
  if (exports.length === 0) return new Map();
  return new Map<string, object>([
    ['settings.yaml', SETTINGS],
    ...exports.flatMap(({ id, experiment, fault }): readonly (readonly [string, object])[] => [
      [`${id}.json`, experiment],
      ...(fault ? ([[faultFile(id), fault]] as const) : []),
    ]),
  ]);
}
