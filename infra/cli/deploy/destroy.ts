import { EXIT } from '../errors.ts';
import { isConfirmed, requireAttended } from './confirm.ts';
import type { Desk } from './desk.ts';
import type { DeployOptions } from './options.ts';
import { planInWords } from './plan-in-words.ts';
import { perform, planFor, requirePreflight } from './steps.ts';
import { withTarget } from './target.ts';

/** Removes everything of an environment from its cluster, once its name was typed. */
export async function deployDown(options: DeployOptions, desk: Desk): Promise<number> {
  const { env, yes, json } = options;
  requireAttended(yes, desk);
  return withTarget(options, desk, async (target) => {
    await requirePreflight(target, desk, ['namespace']);
    const plan = await planFor(target, desk, 'previewDestroy');
    if (plan.changes.length === 0) {
      desk.out(json ? `${JSON.stringify({ env, plan }, undefined, 2)}\n` : `${env} has nothing to destroy\n`);
      return EXIT.done;
    }
    (json ? desk.err : desk.out)(`${planInWords(env, plan).join('\n')}\n`);
    if (!(await isConfirmed(`Destroy ${env}? This cannot be undone.`, env, yes, desk))) return EXIT.aborted;
    await perform(target, desk, 'destroy', plan.changes.length);
    desk.out(json ? `${JSON.stringify({ env, plan }, undefined, 2)}\n` : `${env} is gone\n`);
    return EXIT.done;
  });
}
