import { formatObstacles } from '../../cluster/preflight/preflight.ts';
import { EXIT } from '../errors.ts';
import type { Desk } from './desk.ts';
import { printDocument } from './documents.ts';
import type { DeployOptions } from './options.ts';
import { knowingMoves } from './moves.ts';
import { planInWords } from './plan-in-words.ts';
import { planFor, preflightOf, preflightOfPlan, requireNoOverdue } from './steps.ts';
import { withTarget } from './target.ts';

/** Tells what `up` would change, and what would keep it from doing so. Throws a CheckError where `up` does. */
export function previewUp(options: DeployOptions, desk: Desk): Promise<number> {
  const { env, json } = options;
  return withTarget(options, desk, async (target) => {
    requireNoOverdue(target);
    desk.err('looking at the cluster\n');
    const before = await preflightOf(target, desk);
    desk.err(`planning ${env}\n`);
    const plan = await planFor(await knowingMoves(target, desk), desk, 'preview');
    const after = await preflightOfPlan(target, plan, desk);
    const findings = [...before.findings, ...after.findings];
    if (json) printDocument(options, desk, { plan, findings, unknown: [...before.unknown, ...after.unknown] });
    else {
      desk.out(`${planInWords(env, plan).join('\n')}\n`);
      if (findings.length > 0) desk.out(`the cluster is not ready for this\n${formatObstacles(findings).join('\n')}\n`);
    }
    return findings.length > 0 ? EXIT.failed : EXIT.done;
  });
}
