import { EMPTY_STATE } from '../../../alerts/rollback/state.ts';
import { GATEWAY } from '../../../alerts/rollback/release-of.ts';
import { UnavailableError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { guardFindings, type Finding } from './guard-health.ts';
import { findLeader, type Leader } from './leader.ts';
import type { Place } from './place.ts';
import { readRunning, type Running } from './running.ts';
import { readStores, type Stores } from './stores.ts';
import { candidatesOf, type Candidate } from './targets.ts';

/** Everything that is known of the releases of an environment at one moment. */
export type Status = {
  readonly place: Pick<Place, 'env' | 'service' | 'namespace'>;
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly findings: readonly Finding[];
  readonly leader: Leader;
  readonly stores: Stores;
  readonly running: Running;
  readonly proven: readonly Candidate[];
};

/** Reads it. Throws an UnavailableError where nothing is deployed, and a ClusterError when the cluster cannot be read. */
export async function readStatus(place: Place, clock: Clock): Promise<Status> {
  const [stores, running, leader] = await Promise.all([
    readStores(place),
    readRunning(place),
    findLeader(place, clock),
  ]);
  if (!running.gateway && !stores.state) {
    throw new UnavailableError(
      `the namespace '${place.namespace}' has no ${GATEWAY} and no guard; ` +
        `deploy by: sluice up --env ${place.env}, or name its namespace with --set namespace=NAME`,
    );
  }
  const now = clock.now();
  return {
    place,
    now,
    leader,
    stores,
    running,
    findings: guardFindings(place, stores, leader, now),
    proven: candidatesOf({ state: stores.state ?? EMPTY_STATE, running, quarantined: stores.quarantined }),
  };
}
