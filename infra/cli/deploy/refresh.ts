import type { Drift } from '../../cluster/index.ts';
import { EXIT } from '../errors.ts';
import { isConfirmed, requireAttended } from './confirm.ts';
import type { Desk } from './desk.ts';
import type { DeployOptions } from './options.ts';
import { perform } from './steps.ts';
import { withTarget } from './target.ts';

/** Names what drifted, then takes what runs as what was deployed last. */
export async function refreshState(
  options: DeployOptions,
  desk: Desk,
  formatDrift: (options: DeployOptions, drift: Drift) => string,
): Promise<number> {
  const { env, yes, json } = options;
  requireAttended(yes, desk);
  return withTarget(options, desk, async (target) => {
    const { findDrift, readLiveObjects } = await import('../../cluster/index.ts');
    // Of the Secrets only Pulumi knows what is in them.
    const objects = target.objects.filter(({ kind }) => kind !== 'Secret');
    const drift = findDrift(objects, await readLiveObjects(target.reader, objects));
    desk.out(json ? `${JSON.stringify({ env, ...drift }, undefined, 2)}\n` : formatDrift(options, drift));
    if (!(await isConfirmed(`Take what runs as the state of ${env}?`, 'yes', yes, desk))) return EXIT.aborted;
    await perform(target, desk, 'refresh', 0);
    desk.err(`the state of ${env} is what runs; nothing on the cluster was changed\n`);
    return EXIT.done;
  });
}
