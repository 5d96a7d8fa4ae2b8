import type { Experiment } from '../../../chaos/index.ts';
import { documentOf } from '../deploy/documents.ts';
import { EXIT } from '../errors.ts';
import type { DrillDesk } from './desk.ts';
import type { DrillTarget, Plan } from './target.ts';

type Planned = { readonly id: string; readonly plan: Plan };

/** Tells what a drill would touch, and what it would leave out and why; touches nothing. Gives the exit code. */
export async function dryRun(
  experiments: readonly Experiment[],
  target: DrillTarget,
  desk: Pick<DrillDesk, 'out'>,
  { json = false }: { readonly json?: boolean } = {},
): Promise<number> {
  const planned: Planned[] = [];
  for (const experiment of experiments) planned.push({ id: experiment.id, plan: await target.plan(experiment) });
  desk.out(
    json
      ? documentOf({ target: target.name, experiments: planned.map(({ id, plan }) => ({ experiment: id, ...plan })) })
      : inWords(planned, target.name),
  );
  const isNone = planned.every(({ plan }) => 'skipped' in plan);
  if (!isNone) return EXIT.done;
  return planned.some(({ plan }) => 'isMissing' in plan && plan.isMissing) ? EXIT.unavailable : EXIT.usage;
}

function inWords(planned: readonly Planned[], target: DrillTarget['name']): string {
  const runs = planned.flatMap(({ id, plan }) => ('skipped' in plan ? [] : [{ id, ...plan }]));
  const skipped = planned.flatMap(({ id, plan }) => ('skipped' in plan ? [{ id, why: plan.skipped }] : []));
  const blocks = runs.map(({ id, means, touches, unseen }) =>
    [
      `${id} (${target}${means === 'local' ? '' : `, ${means}`}) would touch:`,
      ...touches.map((line) => `  ${line}`),
      ...unseen.map((line) => `  cannot be seen here: ${line}`),
    ].join('\n'),
  );
  if (skipped.length > 0) blocks.push(['skipped:', ...skipped.map(({ id, why }) => `  ${id}: ${why}`)].join('\n'));
  return `${blocks.join('\n\n')}\n\nnothing was touched\n`;
}
