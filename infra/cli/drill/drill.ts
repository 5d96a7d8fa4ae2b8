import { randomInt } from 'node:crypto';
import { FULL, QUICK } from '../../../chaos/drill/pace.ts';
import { runExperiment } from '../../../chaos/drill/run-experiment.ts';
import { writeReport, writeSummary } from '../../../chaos/report/index.ts';
import { definition } from '../../../service/definition/index.ts';
import { drillOnCluster, findClusterDrills, type ClusterChoice } from './cluster-drills.ts';
import type { DrillDesk } from './desk.ts';
import { dryRun } from './dry-run.ts';
import { localTarget } from './local-target.ts';
import {
  CLUSTER_ENVIRONMENT,
  LARGEST_SEED,
  requireFitting,
  type DrillCommandOptions,
  type TargetOptions,
} from './options.ts';
import { exitCodeOf, type Result } from './result.ts';
import { resultsAsJson, resultsInWords } from './results-in-words.ts';
import { runDrills } from './run-drills.ts';
import { selectExperiments } from './select.ts';

/** Runs what was asked for and tells the results. Gives the exit code. */
export function drill(options: DrillCommandOptions, desk: DrillDesk): Promise<number> {
  requireFitting(options);
  return options.target === 'cluster' ? onCluster(options, desk) : onThisMachine(options, desk);
}

/** Which cluster the options mean. */
export function clusterOf({
  env = CLUSTER_ENVIRONMENT,
  kubeconfig,
  context,
  installCli,
}: TargetOptions): ClusterChoice {
  return {
    env,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(installCli !== undefined && { installCli }),
  };
}

async function onThisMachine(options: DrillCommandOptions, desk: DrillDesk): Promise<number> {
  const { quick, seed = randomInt(LARGEST_SEED), out, env = 'dev', unprotected = false, json = false } = options;
  const experiments = selectExperiments(options);
  const target = localTarget({ service: definition[env] });
  if (options.dryRun) return dryRun(experiments, target, desk, { json });
  const settings = { target, pace: quick ? QUICK : FULL, seed, out, unprotected };
  const results = await runDrills(experiments, settings, desk, { run: runExperiment, writeReport });
  return tell(results, exitCodeOf(results, desk.broken.aborted), options, desk);
}

async function onCluster(options: DrillCommandOptions, desk: DrillDesk): Promise<number> {
  const { seed, out, dryRun = false } = options;
  const [only, ...others] = selectExperiments(options);
  const drills = await findClusterDrills(clusterOf(options));
  const settings = {
    out,
    dryRun,
    ...(seed !== undefined && { seed }),
    ...(only && others.length === 0 && !options.all && { experiment: only.id }),
  };
  const { exit, results } = await drillOnCluster(drills, settings, desk, { writeReport });
  return tell(results, exit, options, desk);
}

function tell(
  results: readonly Result[],
  exit: number,
  { all, out, json }: DrillCommandOptions,
  desk: DrillDesk,
): number {
  const runs = results.flatMap(({ run }) => run ?? []);
  const summary = all && runs.length > 0 ? writeSummary(runs, out) : undefined;
  if (json) desk.out(resultsAsJson(results, exit, summary));
  // Where a cluster has run nothing, its lines have said why.
  else if (results.length > 0) desk.out(resultsInWords(results, summary));
  return exit;
}
