import { EXIT } from '../errors.ts';
import { isConfirmed, requireAttended } from './confirm.ts';
import type { Desk } from './desk.ts';
import { printDocument } from './documents.ts';
import type { DeployOptions } from './options.ts';
import { planInWords } from './plan-in-words.ts';
import { perform, planFor, preflightOf, requireNone } from './steps.ts';
import { withTarget } from './target.ts';

/** Removes everything of an environment from its cluster, once its name was typed. */
export async function deployDown(options: DeployOptions, desk: Desk): Promise<number> {
  const { env, yes, json } = options;
  requireAttended(yes, desk);
  return withTarget(options, desk, async (target) => {
    await requireNone(await preflightOf(target, desk, ({ id }) => id === 'namespace'));
    const plan = await planFor(target, desk, 'previewDestroy');
    const end = (outcome: string, text: string): void =>
      json ? printDocument(options, desk, { plan, outcome }) : desk.out(text);
    if (plan.changes.length === 0) {
      end('gone', `${env} has nothing to destroy\n`);
      return EXIT.done;
    }
    (json ? desk.err : desk.out)(`${planInWords(env, plan).join('\n')}\n`);
    if (!(await isConfirmed(`Destroy ${env}? This cannot be undone.`, env, yes, desk))) {
      end('declined', '');
      return EXIT.aborted;
    }
    await perform(target, desk, 'destroy', plan.changes.length);
    end('gone', `${env} is gone\n`);
    return EXIT.done;
  });
}
