import { InvalidArgumentError, Option, type Command } from 'commander';
import type { EnvironmentName } from '../../../service/definition/index.ts';
import { environmentOption } from '../environments.ts';
import { UsageError } from '../errors.ts';

/** Where a drill runs, and which cluster that is. */
export type TargetOptions = {
  readonly target?: 'local' | 'cluster';
  readonly env?: EnvironmentName;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly installCli?: boolean;
  readonly json?: boolean;
};

/** What `sluice drill` is given. */
export type DrillCommandOptions = TargetOptions & {
  readonly experiment?: string;
  readonly all?: boolean;
  readonly quick?: boolean;
  readonly seed?: number;
  readonly out: string;
  readonly dryRun?: boolean;
  readonly unprotected?: boolean;
};

/** Seeds that a person can type. */
export const LARGEST_SEED = 2 ** 31 - 1;

/** The environment of a cluster that is drilled by default: production never is. */
export const CLUSTER_ENVIRONMENT: EnvironmentName = 'staging';

/** Adds the options that say where a drill runs. */
export function withTarget(command: Command): Command {
  return command
    .addOption(
      new Option('--target <target>', 'on this machine or on a cluster (default: local)').choices(['local', 'cluster']),
    )
    .addOption(environmentOption(`whose values are drilled (default: dev, on a cluster ${CLUSTER_ENVIRONMENT})`))
    .option('--kubeconfig <file>', 'of a cluster: the kubeconfig to use in place of the one that KUBECONFIG names')
    .option('--context <name>', 'of a cluster: the context of the kubeconfig to use in place of its current one')
    .option(
      '--install-cli',
      'of a cluster: fetch the Pulumi CLI where it is missing and the cluster is in another stack',
    );
}

/** Throws a UsageError where options do not fit the target. */
export function requireFitting(options: DrillCommandOptions): void {
  const { target = 'local', quick, unprotected, kubeconfig, context, dryRun, json } = options;
  if (target === 'cluster') {
    if (quick) throw new UsageError('--quick is for --target local: the rules of a cluster are as they are deployed');
    if (dryRun && json) throw new UsageError('--json with --dry-run is for --target local: a cluster answers in lines');
    if (unprotected) throw new UsageError('--unprotected is for --target local: a cluster keeps its protection');
  } else if (kubeconfig !== undefined || context !== undefined) {
    throw new UsageError('--kubeconfig and --context are for --target cluster; add that, or leave them out');
  }
}

/** A seed as somebody types it. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= LARGEST_SEED) return seed;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${LARGEST_SEED}.`);
}
