import { STORES } from '../../../alerts/rollback/state.ts';
import { plain } from '../../plain.ts';
import type { Clock } from './clock.ts';
import type { Place } from './place.ts';
import { lengthInWords } from './times.ts';

/** Which pod of the guard leads. */
export type Leader = {
  readonly leads: boolean;
  readonly holder?: string;
  /** When it last said so, by its own clock, in milliseconds since 1970. */
  readonly renewedAt?: number;
  /** By how much the clock here is ahead of the leader's, in milliseconds; absent: they agree as far as can be told. */
  readonly skew?: number;
  /** Why nobody leads, or what else is to be said. */
  readonly note?: string;
};

const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
const GONE_AFTER_MS = 15_000;
const LOOK_EVERY_MS = 1000;
// Longer than a leader waits before it renews.
const LOOKED_AT_MS = 6000;

/**
 * Finds out whether somebody leads. A Lease that looks too old, or that comes from a time to come, is looked at until it
 * is renewed: then it is the clocks that differ. Throws a ClusterError when it cannot be read.
 */
export async function findLeader(place: Place, clock: Clock): Promise<Leader> {
  const first = await readLease(place);
  if (first === undefined) return { leads: false, note: `there is no Lease ${STORES.lease}` };
  if (first.renewedAt === undefined) return { leads: false, note: 'no pod of the guard has led yet' };
  const age = clock.now() - first.renewedAt;
  if (first.holder === undefined)
    return { ...first, leads: false, note: 'the last leader has gone, and no other came' };
  if (age >= 0 && age <= GONE_AFTER_MS) return { ...first, leads: true };
  for (let looked = 0; looked < LOOKED_AT_MS; looked += LOOK_EVERY_MS) {
    await clock.pause(LOOK_EVERY_MS);
    const lease = await readLease(place);
    if (lease?.renewedAt === undefined || lease.renewedAt === first.renewedAt) continue;
    const skew = clock.now() - lease.renewedAt;
    const side = skew > 0 ? 'ahead of' : 'behind';
    return {
      ...lease,
      leads: true,
      skew,
      note: `the clock here is ${lengthInWords(Math.abs(skew))} ${side} the guard's`,
    };
  }
  const since = age < 0 ? `${lengthInWords(-age)} ahead of the clock here` : `${lengthInWords(age)} ago`;
  return { ...first, leads: false, note: `${first.holder} has led last, ${since}, and says nothing any more` };
}

type Lease = Pick<Leader, 'holder' | 'renewedAt'>;

async function readLease({ reader, namespace }: Place): Promise<Lease | undefined> {
  const lease = await reader.find(LEASE, namespace, STORES.lease);
  if (!lease) return undefined;
  const { holderIdentity, renewTime } = (lease.spec ?? {}) as Readonly<Record<string, unknown>>;
  const renewedAt = typeof renewTime === 'string' ? Date.parse(renewTime) : Number.NaN;
  return {
    ...(typeof holderIdentity === 'string' && holderIdentity !== '' && { holder: plain(holderIdentity) }),
    ...(!Number.isNaN(renewedAt) && { renewedAt }),
  };
}
