import { setTimeout as wait } from 'node:timers/promises';
import { toMilliseconds } from '../../../service/definition/index.ts';
import type { Followed } from '../../cluster/index.ts';
import { EXIT } from '../errors.ts';
import { unlessBroken } from './break-off.ts';
import { isConfirmed, requireAttended } from './confirm.ts';
import type { Desk } from './desk.ts';
import { printDocument } from './documents.ts';
import type { DeployOptions } from './options.ts';
import { knowingMoves } from './moves.ts';
import { planInWords } from './plan-in-words.ts';
import { removeRetired } from './remove-retired.ts';
import { perform, planFor, preflightOf, preflightOfPlan, requireNone, requireNoOverdue } from './steps.ts';
import { withTarget, type Target } from './target.ts';

const PAUSE_MS = 1000;

/** Deploys an environment and follows it until it is Ready, or until it is known that it will not be. */
export async function deployUp(options: DeployOptions, desk: Desk): Promise<number> {
  const { env, yes, json } = options;
  requireAttended(yes, desk);
  return withTarget(options, desk, async (target) => {
    requireNoOverdue(target);
    desk.err(`looking at the cluster\n`);
    await requireNone(await preflightOf(target, desk));
    desk.err(`planning ${env}\n`);
    const deployed = await knowingMoves(target, desk);
    const plan = await planFor(deployed, desk, 'preview');
    await requireNone(await preflightOfPlan(target, plan, desk));
    (json ? desk.err : desk.out)(`${planInWords(env, plan).join('\n')}\n`);
    if (plan.changes.length > 0) {
      if (!(await isConfirmed(`Change ${env}?`, 'yes', yes, desk))) {
        if (json) printDocument(options, desk, { plan, outcome: 'declined' });
        return EXIT.aborted;
      }
      await perform(deployed, desk, 'up', plan.changes.length);
    }
    const followed = await follow(target, desk);
    const retired = followed.outcome === 'ready' ? await removeRetired(target, desk) : 0;
    if (json) printDocument(options, desk, { plan, retired, ...followed });
    else if (followed.outcome === 'ready') desk.out(`${env} is Ready in the namespace ${target.service.namespace}\n`);
    else desk.err(`error: ${env} is ${followed.outcome}: ${followed.message}\n`);
    return followed.outcome === 'ready' ? EXIT.done : EXIT.failed;
  });
}

async function follow({ service, objects, run, reader }: Target, desk: Desk): Promise<Followed> {
  const { followRollout } = await import('../../cluster/index.ts');
  const left = 'broken off; everything is deployed, and the pods go on starting without being followed';
  return unlessBroken(desk, `${left}; the next run of this follows them again`, () =>
    followRollout({
      reader,
      namespace: service.namespace,
      environment: run.environment,
      objects,
      progressDeadlineMs: toMilliseconds(service.rollout.progressDeadline),
      onProgress: (line) => desk.err(`  ${line}\n`),
      now: () => performance.now(),
      pause: () => wait(PAUSE_MS, undefined, { signal: desk.broken }),
    }),
  );
}
