import { setTimeout as wait } from 'node:timers/promises';
import { toMilliseconds } from '../../../service/definition/index.ts';
import type { Followed } from '../../cluster/index.ts';
import { EXIT } from '../errors.ts';
import { isConfirmed, requireAttended } from './confirm.ts';
import type { Desk } from './desk.ts';
import type { DeployOptions } from './options.ts';
import { planInWords } from './plan-in-words.ts';
import { perform, planFor, requirePreflight } from './steps.ts';
import { withTarget, type Target } from './target.ts';

const PAUSE_MS = 1000;

/** Deploys an environment and follows it until it is Ready, or until it is known that it will not be. */
export async function deployUp(options: DeployOptions, desk: Desk): Promise<number> {
  const { env, yes, json } = options;
  requireAttended(yes, desk);
  return withTarget(options, desk, async (target) => {
    desk.err(`looking at the cluster\n`);
    await requirePreflight(target, desk);
    desk.err(`planning ${env}\n`);
    const plan = await planFor(target, desk, 'preview');
    const words = `${planInWords(env, plan).join('\n')}\n`;
    (json ? desk.err : desk.out)(words);
    if (plan.changes.length > 0) {
      if (!(await isConfirmed(`Change ${env}?`, 'yes', yes, desk))) return EXIT.aborted;
      await perform(target, desk, 'up', plan.changes.length);
    }
    const followed = await follow(target, desk);
    if (json) desk.out(`${JSON.stringify({ env, plan, ...followed }, undefined, 2)}\n`);
    else if (followed.outcome === 'ready') desk.out(`${env} is Ready in the namespace ${target.service.namespace}\n`);
    else desk.err(`error: ${env} is ${followed.outcome}: ${followed.message}\n`);
    return followed.outcome === 'ready' ? EXIT.done : EXIT.failed;
  });
}

async function follow({ service, objects, reader }: Target, desk: Desk): Promise<Followed> {
  const { followRollout } = await import('../../cluster/index.ts');
  return followRollout({
    reader,
    namespace: service.namespace,
    objects,
    progressDeadlineMs: toMilliseconds(service.rollout.progressDeadline),
    onProgress: (line) => desk.err(`  ${line}\n`),
    now: () => performance.now(),
    pause: () => wait(PAUSE_MS),
  });
}
