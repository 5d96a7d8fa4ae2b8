import { openClusterDrills, type ClusterDrills } from '../../../chaos/drill/cluster/index.ts';
import { EXPERIMENTS } from '../../../chaos/index.ts';
import { isDrilled } from '../../../service/definition/index.ts';
import { findDeployer } from '../deploy/desk.ts';
import type { ClusterOptions } from '../deploy/options.ts';
import { findCluster, readStackedService } from '../deploy/stack.ts';
import { EXIT, UsageError } from '../errors.ts';
import { personOf } from '../release/place.ts';
import type { DrillDesk } from './desk.ts';
import { oneLine, resultOf, type Result } from './result.ts';
import type { DrillTools } from './run-drills.ts';
import { plain } from './view/words.ts';

/** Which environment of which cluster. */
export type ClusterChoice = Omit<ClusterOptions, 'json'>;

/** The way to the drills of an environment. Throws a UsageError where it has none, and a ClusterError without a cluster. */
export async function findClusterDrills(options: ClusterChoice): Promise<ClusterDrills> {
  const { service, file } = readStackedService(options);
  if (!isDrilled(service)) {
    throw new UsageError(
      `drills are not enabled in ${options.env}: set drills.enabled for it in service/definition/service.ts and deploy it, or name another --env`,
    );
  }
  const config = await findCluster(options, file, () => findDeployer({ install: options.installCli ?? false }));
  return openClusterDrills({ service, config, by: personOf(config) });
}

/** What is asked of a cluster. */
export type ClusterDrillOptions = {
  /** Absent: all that the environment can. */
  readonly experiment?: string;
  readonly dryRun: boolean;
  readonly seed?: number;
  /** Folder of the reports. */
  readonly out: string;
};

/** How a drill in a cluster ended. */
export type ClusterOutcome = { readonly exit: number; readonly results: readonly Result[] };

/**
 * Starts a drill in the cluster, follows it and fetches its reports. When somebody breaks off, the kill switch is pulled
 * first. What the cluster refuses or skips it says in its lines.
 */
export async function drillOnCluster(
  drills: ClusterDrills,
  { experiment, dryRun, seed, out }: ClusterDrillOptions,
  desk: DrillDesk,
  { writeReport }: Pick<DrillTools, 'writeReport'>,
): Promise<ClusterOutcome> {
  // What would be touched is the result of a dry run; all else is progress.
  const onLine = (line: string): void => (dryRun ? desk.out : desk.err)(`${plain(line)}\n`);
  const before = new Set((await drills.reports()).map(({ id }) => id));
  let exit: number;
  try {
    exit = await drills.start({
      ...(experiment !== undefined && { experiment }),
      ...(seed !== undefined && { seed }),
      dryRun,
      onLine,
      signal: desk.broken,
    });
  } catch (error) {
    if (!desk.broken.aborted) throw error;
    onLine('breaking off: the cluster takes the fault back; Ctrl-C again ends at once, and leaves that to the cluster');
    await drills.stop({ onLine });
    exit = EXIT.aborted;
  }
  // By their names, not by their times: the clocks of the two machines may differ.
  const runs = (await drills.reports()).filter(({ id }) => !before.has(id));
  const results = runs.flatMap((run): readonly Result[] => {
    const row = EXPERIMENTS.find(({ id }) => id === run.experiment);
    if (!row) return [];
    const result = resultOf(run, row, false);
    try {
      return [{ ...result, report: writeReport(run, out) }];
    } catch (error) {
      return [{ ...result, why: `${result.why}; ${oneLine((error as Error).message)}` }];
    }
  });
  return { exit, results };
}
