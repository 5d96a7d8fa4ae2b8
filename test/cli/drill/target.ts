import type { Stand } from '../../../chaos/drill/stand.ts';
import { EXPERIMENTS, type Experiment } from '../../../chaos/index.ts';
import type { DrillTarget, Plan } from '../../../infra/cli/drill/target.ts';

/** A target that starts nothing, and what was done with it. */
export type FakeTarget = DrillTarget & { readonly done: readonly string[] };

/** What differs between tests. */
export type FakeTargetOptions = {
  /** Default: all can be done. */
  readonly plan?: (experiment: Experiment) => Plan;
  /** Thrown in place of a stand. */
  readonly failsWith?: (experiment: Experiment) => Error | undefined;
  readonly onOpen?: () => void;
};

/** An experiment of the table. */
export function requireExperiment(id: string): Experiment {
  const found = EXPERIMENTS.find((each) => each.id === id);
  if (!found) throw new Error(`there is no experiment ${id}`);
  return found;
}

/** Makes one; of its stands only `close` is ever called. */
export function fakeTarget({ plan, failsWith, onOpen }: FakeTargetOptions = {}): FakeTarget {
  const done: string[] = [];
  return {
    name: 'local',
    done,
    plan: (experiment) =>
      Promise.resolve(plan?.(experiment) ?? { means: 'local', touches: [`${experiment.id} itself`], unseen: [] }),
    open(experiment, { unprotected }) {
      const error = failsWith?.(experiment);
      if (error) return Promise.reject(error);
      done.push(`open ${experiment.id}${unprotected ? ' unprotected' : ''}`);
      onOpen?.();
      const close = (): Promise<void> => {
        done.push(`close ${experiment.id}`);
        return Promise.resolve();
      };
      return Promise.resolve({ close } as Stand);
    },
    reserve() {
      done.push('reserve');
      return Promise.resolve(() => {
        done.push('release');
        return Promise.resolve();
      });
    },
  };
}
