import { EXIT } from '../errors.ts';
import { NOTHING_CHANGED, unlessBroken } from './break-off.ts';
import { isConfirmed, requireAttended } from './confirm.ts';
import type { Desk } from './desk.ts';
import { printDocument } from './documents.ts';
import { driftInWords } from './drift-in-words.ts';
import type { DeployOptions } from './options.ts';
import { readCluster } from './read-cluster.ts';
import { perform } from './steps.ts';
import { withTarget } from './target.ts';

/** Names what drifted, then takes what runs as what was deployed last. */
export async function refreshState(options: DeployOptions, desk: Desk): Promise<number> {
  const { env, yes, json } = options;
  requireAttended(yes, desk);
  return withTarget(options, desk, async (target) => {
    const { findDrift, readLiveObjects } = await import('../../cluster/index.ts');
    // Of the Secrets only Pulumi knows what is in them.
    const objects = target.objects.filter(({ kind }) => kind !== 'Secret');
    const live = await unlessBroken(desk, NOTHING_CHANGED, () => readLiveObjects(target.reader, objects));
    const drift = findDrift(objects, live);
    (json ? desk.err : desk.out)(driftInWords(env, drift));
    if (!(await isConfirmed(`Take what runs as the state of ${env}?`, 'yes', yes, desk))) {
      if (json) printDocument(options, desk, { ...drift, outcome: 'declined' });
      return EXIT.aborted;
    }
    await perform(target, desk, 'refresh', 0);
    desk.err(`the state of ${env} is what runs; nothing on the cluster was changed\n`);
    if (json) printDocument(options, desk, { ...drift, outcome: 'taken' });
    return EXIT.done;
  });
}

/** Names what drifted and changes nothing, not even the state. */
export async function nameDrift(options: DeployOptions, desk: Desk): Promise<number> {
  const { env, json } = options;
  const { objects, live } = await unlessBroken(desk, NOTHING_CHANGED, () => readCluster(options, desk));
  const { findDrift } = await import('../../cluster/index.ts');
  const drift = findDrift(objects, live);
  if (json) printDocument(options, desk, drift);
  else desk.out(driftInWords(env, drift));
  return drift.drifted.length > 0 ? EXIT.failed : EXIT.done;
}
