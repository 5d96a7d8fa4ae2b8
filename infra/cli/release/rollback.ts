import type { Outcome } from '../../../alerts/rollback/index.ts';
import { isConfirmed, requireAttended } from '../deploy/confirm.ts';
import { printDocument } from '../deploy/documents.ts';
import type { Desk } from '../deploy/desk.ts';
import type { DeployOptions } from '../deploy/options.ts';
import { EXIT, UnavailableError, UsageError } from '../errors.ts';
import { commandsByHand } from './by-hand.ts';
import { CLOCK, type Clock } from './clock.ts';
import { followGuard } from './follow-guard.ts';
import { giveOrder } from './order.ts';
import { findPlace } from './place.ts';
import { requireTarget } from './rollback-target.ts';
import { readStatus, type Status } from './read-status.ts';

/** What `sluice release rollback` is given. */
export type RollbackOptions = DeployOptions & { readonly reason: string; readonly to?: string };

const GOOD: readonly Outcome[] = ['restored'];

/** Orders the guard to go back, and follows it to the end. Throws an UnavailableError where no guard would do it. */
export async function rollback(options: RollbackOptions, desk: Desk, clock: Clock = CLOCK): Promise<number> {
  const { env, yes, json, to, reason } = options;
  requireAttended(yes, desk);
  const place = await findPlace(options, desk);
  const status = await readStatus(place, clock);
  const hash = status.running.gateway?.hash;
  if (hash === undefined) throw new UsageError(`${env} has no gateway whose release could be left`);
  const target = requireTarget(status, to);
  const byHand = commandsByHand(place, status.running, target);
  const missing = whyNobodyWould(status);
  if (missing !== undefined) throw new UnavailableError(`${missing}; by hand:\n${indented(byHand)}`);
  const question = `Take ${env} from ${hash} back to ${target.hash} (version ${target.version})?`;
  if (!(await isConfirmed(question, 'yes', yes, desk))) {
    if (json) printDocument(options, desk, { outcome: 'declined' });
    return EXIT.aborted;
  }
  const order = await giveOrder(place, { hash, target: target.hash, reason, at: clock.now() });
  desk.err(`the guard is told to go back to ${target.hash}\n`);
  const end = await followGuard(place, order, { desk, clock });
  if (!end) {
    throw new UnavailableError(
      `the guard has not ended it in time; sluice release status --env ${env} tells; by hand:\n${indented(byHand)}`,
    );
  }
  const { outcome, ending, record } = end;
  if (json) printDocument(options, desk, { outcome, ending, record: record ?? null, from: hash, to: target.hash });
  else if (GOOD.includes(outcome)) desk.out(`${env} runs ${target.hash}, version ${target.version}: ${ending}\n`);
  else desk.err(`error: ${env} is ${outcome}: ${ending}\n`);
  if (!json && record !== undefined) desk.err(`the whole of it: sluice release history ${record} --env ${env}\n`);
  return GOOD.includes(outcome) ? EXIT.done : EXIT.failed;
}

/** Why an order would lie where it is put; undefined when the guard would follow it. */
function whyNobodyWould({ place, leader, stores }: Status): string | undefined {
  if (!stores.state) return stores.problems[0] ?? 'the guard keeps no state here';
  if (!leader.leads) return `nobody leads the guard: ${leader.note ?? 'its Lease says nothing'}`;
  return place.service.release.guard.mode === 'dry-run' ? 'the guard runs dry: it would move nothing' : undefined;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
