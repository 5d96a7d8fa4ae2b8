import { EXPERIMENTS, type Experiment } from '../../../chaos/index.ts';
import { nearest } from '../../../service/definition/index.ts';
import { UsageError } from '../errors.ts';

/** The experiments that were asked for. Throws a UsageError where none was, or one that there is not. */
export function selectExperiments(
  { experiment: id, all = false }: { readonly experiment?: string; readonly all?: boolean },
  experiments: readonly Experiment[] = EXPERIMENTS,
): readonly Experiment[] {
  const ids = experiments.map((each) => each.id);
  if (id === undefined) {
    if (all) return experiments;
    throw new UsageError(`say --experiment and one of these, or --all:\n  ${ids.join('\n  ')}`);
  }
  const found = experiments.find((each) => each.id === id);
  if (found) return [found];
  throw new UsageError(`there is no experiment '${id}'; ${nearest(id, ids) ?? `known are ${ids.join(', ')}`}`);
}
