import type { DeployEvent, Deployer, DeployRun, Plan } from '../../pulumi/deployer.ts';
import { DeployError } from '../../pulumi/deployer.ts';
import type { Preflight } from '../../cluster/index.ts';
import type { Desk } from './desk.ts';
import { doneInWords } from './plan-in-words.ts';
import type { Target } from './target.ts';

/** Looks at every precondition of a target and tells what could not be looked at. */
export async function preflightOf(
  { objects, service, reader }: Target,
  desk: Desk,
  only: readonly string[] = [],
): Promise<Preflight> {
  const { preflight, PRECONDITIONS } = await import('../../cluster/index.ts');
  const rows = PRECONDITIONS.filter(({ id }) => only.length === 0 || only.includes(id));
  const result = await preflight({ objects, namespace: service.namespace, reader }, rows);
  for (const { precondition, reason } of result.unknown) desk.err(`note: ${precondition} not checked: ${reason}\n`);
  return result;
}

/** As preflightOf, and throws a PreflightError when there is an obstacle. */
export async function requirePreflight(target: Target, desk: Desk, only?: readonly string[]): Promise<void> {
  const { PreflightError } = await import('../../cluster/index.ts');
  const { findings } = await preflightOf(target, desk, only);
  if (findings.length > 0) throw new PreflightError(findings);
}

/** A plan; what Pulumi warns of on the way is told. */
export function planFor({ deployer, run }: Target, desk: Desk, kind: 'preview' | 'previewDestroy'): Promise<Plan> {
  return deployer[kind]({ ...run, onEvent: (event) => tellMessage(event, desk) });
}

/** Does something to the cluster, telling each object as it is done. Throws a DeployError that says how to go on. */
export async function perform(
  { deployer, run }: { readonly deployer: Deployer; readonly run: Omit<DeployRun, 'onEvent'> },
  desk: Desk,
  kind: 'up' | 'refresh' | 'destroy',
  total: number,
): Promise<void> {
  let done = 0;
  const onEvent = (event: DeployEvent): void => {
    tellMessage(event, desk);
    if (event.type === 'message') return;
    if (event.state === 'done') done += 1;
    const place = event.state === 'done' ? ` (${done} of ${Math.max(done, total)})` : '';
    const failed = event.state === 'failed' ? 'not ' : '';
    desk.err(`  ${failed}${doneInWords(event.change, event.kind, event.name)}${place}\n`);
  };
  try {
    await deployer[kind]({ ...run, onEvent });
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    const rest = done === 0 ? 'nothing was changed' : `what is done stays; the next run of this goes on from there`;
    throw new DeployError(`${error.message}\n${rest}`, { cause: error });
  }
}

function tellMessage(event: DeployEvent, desk: Desk): void {
  if (event.type === 'message') desk.err(`${event.severity === 'info' ? '' : `${event.severity}: `}${event.text}\n`);
}
