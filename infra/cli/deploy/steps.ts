import type { DeployEvent, Deployer, DeployRun, Plan } from '../../pulumi/deployer.ts';
import { DeployError } from '../../pulumi/deployer.ts';
import { CheckError } from '../../checked-synthesis.ts';
import { dryRunFindings } from '../../dry-run.ts';
import type { Precondition, Preflight } from '../../cluster/index.ts';
import { readQuarantineFile } from '../../quarantine-file.ts';
import type { KubernetesObject } from '../../synth/index.ts';
import { AbortedError, NOTHING_CHANGED, unlessBroken } from './break-off.ts';
import type { Desk } from './desk.ts';
import { doneInWords } from './plan-in-words.ts';
import type { Target } from './target.ts';

/** Which preconditions are looked at, of those that there are. */
export type Chosen = (precondition: Precondition) => boolean;

/** Those that are known before there is a plan. */
export const BEFORE_PLAN: Chosen = ({ needsPlan }) => needsPlan !== true;

/** Looks at preconditions of a target and tells what could not be looked at. */
export async function preflightOf(
  { objects, service, run, reader }: Target,
  desk: Desk,
  isChosen: Chosen = BEFORE_PLAN,
): Promise<Preflight> {
  const { preflight, PRECONDITIONS } = await import('../../cluster/index.ts');
  const { environment } = run;
  const quarantined = readQuarantineFile(environment);
  const candidate = { objects, namespace: service.namespace, environment, quarantined, reader };
  const result = await unlessBroken(desk, NOTHING_CHANGED, () => preflight(candidate, PRECONDITIONS.filter(isChosen)));
  for (const { precondition, reason } of result.unknown) desk.err(`note: ${precondition} not checked: ${reason}\n`);
  return result;
}

/** Looks at the preconditions that only a plan tells: it has the Secrets that the stack makes. */
export function preflightOfPlan(target: Target, plan: Plan, desk: Desk): Promise<Preflight> {
  const { namespace } = target.service;
  const isMade = (change: string): boolean => change !== 'delete' && change !== 'forget';
  const secrets = plan.changes
    .filter(({ kind, change }) => kind === 'Secret' && isMade(change))
    .map(({ name }): KubernetesObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } }));
  const objects = [...target.objects, ...secrets];
  return preflightOf({ ...target, objects }, desk, ({ needsPlan }) => needsPlan === true);
}

/** Throws a PreflightError when there is an obstacle. */
export async function requireNone({ findings }: Preflight): Promise<void> {
  const { PreflightError } = await import('../../cluster/index.ts');
  if (findings.length > 0) throw new PreflightError(findings);
}

/** Throws a CheckError when the dry run of the guard is over: whoever is told what a deploy would do is told this too. */
export function requireNoOverdue({ service }: Target): void {
  const overdue = dryRunFindings(service, new Date());
  if (overdue.length > 0) throw new CheckError(overdue);
}

/** A plan; what Pulumi warns of on the way is told. */
export function planFor({ deployer, run }: Target, desk: Desk, kind: 'preview' | 'previewDestroy'): Promise<Plan> {
  const onEvent = (event: DeployEvent): void => tellMessage(event, desk);
  return unlessBroken(desk, NOTHING_CHANGED, () => deployer[kind]({ ...run, onEvent }));
}

/** Does something to the cluster, telling each object as it is done. Throws an error that says how to go on. */
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
    const rest = done === 0 ? 'nothing was changed' : `what is done stays; the next run of this goes on from there`;
    if (desk.broken.aborted) throw new AbortedError(`broken off; ${rest}`, { cause: error });
    if (!(error instanceof DeployError)) throw error;
    throw new DeployError(`${error.message}\n${rest}`, { cause: error });
  }
}

function tellMessage(event: DeployEvent, desk: Desk): void {
  if (event.type === 'message') desk.err(`${event.severity === 'info' ? '' : `${event.severity}: `}${event.text}\n`);
}
