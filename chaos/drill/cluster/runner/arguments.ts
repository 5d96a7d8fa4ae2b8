import { parseArgs } from 'node:util';
import { EXPERIMENTS } from '../../../index.ts';

/** What a drill in a cluster is asked to do. */
export type DrillArguments = {
  /** One experiment; undefined: all that fit and that the definition names. */
  readonly experiment: string | undefined;
  /** Looks and says what would be touched, and touches nothing. */
  readonly dryRun: boolean;
  /** Of the load. */
  readonly seed: number;
  /** Who has started it by hand; undefined: its schedule has. */
  readonly by: string | undefined;
};

/** Wrong usage; the message says what is right. */
export class DrillUsageError extends Error {
  override readonly name = 'DrillUsageError';
}

const EXAMPLE = 'example: node chaos/drill/cluster/main.ts --experiment pod-kill --dry-run';

/** Reads the arguments of the program. Throws a DrillUsageError. */
export function readArguments(args: readonly string[], defaultSeed: number): DrillArguments {
  const values = parsed(args);
  const { all, experiment, seed = `${defaultSeed}`, by } = values;
  if (all === (experiment !== undefined))
    throw new DrillUsageError(`Name either --all or one --experiment ID; ${EXAMPLE}`);
  if (experiment !== undefined && !EXPERIMENTS.some(({ id }) => id === experiment)) {
    const known = EXPERIMENTS.map(({ id }) => id).join(', ');
    throw new DrillUsageError(`There is no experiment '${experiment}'; there are ${known}`);
  }
  if (!/^\d{1,10}$/.test(seed)) throw new DrillUsageError(`--seed must be a whole number, not '${seed}'; ${EXAMPLE}`);
  return { experiment, dryRun: values['dry-run'], seed: Number(seed), by };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        all: { type: 'boolean', default: false },
        experiment: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        seed: { type: 'string' },
        by: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new DrillUsageError(`${(error as Error).message}; ${EXAMPLE}`, { cause: error });
  }
}
