import { STORES, type Freeze } from '../../../alerts/rollback/state.ts';
import { FREEZE, formatFreeze, parseFreeze } from '../../cluster/freeze.ts';
import { printDocument } from '../deploy/documents.ts';
import type { Desk } from '../deploy/desk.ts';
import type { ClusterOptions } from '../deploy/options.ts';
import { EXIT, UsageError } from '../errors.ts';
import { change } from './change.ts';
import { CLOCK, type Clock } from './clock.ts';
import { findPlace } from './place.ts';

/** What `sluice release freeze` is given. */
export type FreezeOptions = ClusterOptions & {
  readonly reason: string;
  /** Until when, in milliseconds since 1970; one of the two. */
  readonly for?: number;
  readonly until?: number;
};

/** What a freeze holds: the words for it wherever one is offered. */
export const EFFECT = "the guard moves nothing by itself, and 'sluice up' and 'pulumi up' refuse";

/** Freezes an environment. Throws a UsageError when no end is said. */
export async function freeze(options: FreezeOptions, desk: Desk): Promise<number> {
  const { env, json, reason } = options;
  const until = options.until ?? options.for;
  if (until === undefined) throw new UsageError('a freeze has an end: say --for 2h, or --until TIME');
  const place = await findPlace(options, desk);
  const frozen: Freeze = { until, reason, by: place.by };
  let before: Freeze | undefined;
  await change(place, STORES.guard, (data) => {
    before = data[FREEZE] === undefined ? undefined : parseFreeze(data[FREEZE]);
    return { [FREEZE]: JSON.stringify(frozen) };
  });
  if (json) printDocument(options, desk, { frozen, before: before ?? null });
  else {
    if (before) desk.err(`note: this takes the place of another freeze: ${formatFreeze(env, before)}\n`);
    desk.out(`${formatFreeze(env, frozen)}\n${EFFECT}; to end it: sluice release unfreeze --env ${env}\n`);
  }
  return EXIT.done;
}

/** Ends a freeze; where there is none it says so. */
export async function unfreeze(options: ClusterOptions, desk: Desk, clock: Clock = CLOCK): Promise<number> {
  const { env, json } = options;
  const place = await findPlace(options, desk);
  let before: Freeze | undefined;
  await change(place, STORES.guard, (data) => {
    before = data[FREEZE] === undefined ? undefined : parseFreeze(data[FREEZE]);
    return before && { [FREEZE]: null };
  });
  const ended = before && before.until > clock.now() ? before : undefined;
  if (json) printDocument(options, desk, { frozen: null, before: ended ?? null });
  else if (ended) desk.out(`${env} is no longer frozen; it was: ${formatFreeze(env, ended)}\n`);
  else desk.out(`nothing to do: ${env} is not frozen\n`);
  return EXIT.done;
}
