import { EXIT } from '../errors.ts';
import type { DrillDesk } from './desk.ts';
import type { TargetOptions } from './options.ts';
import { plain } from './view/words.ts';

/** Takes the fault of a drill back: on a cluster where one or an environment is named, else on this machine. Gives the exit code. */
export async function stop(options: TargetOptions, desk: DrillDesk): Promise<number> {
  const { target = options.env === undefined ? 'local' : 'cluster' } = options;
  if (target === 'local') {
    const { stopLocal } = await import('./stop-local.ts');
    return stopLocal(desk);
  }
  // Imported here: the client of a cluster is large.
  const { findClusterDrills } = await import('./cluster-drills.ts');
  const { clusterOf } = await import('./drill.ts');
  const drills = await findClusterDrills(clusterOf(options));
  await drills.stop({ onLine: (line) => desk.out(`${plain(line)}\n`) });
  return EXIT.done;
}
