import type { ReleaseRecord } from '../../alerts/rollback/record.ts';
import { isFailed, type Answered, type TimedLoad } from './timed-load.ts';
import type { Guarded } from './guarded.ts';
import { poll } from './poll.ts';

/** How a release was withdrawn, by one clock; times in milliseconds since its first bad answer. */
export type Withdrawal = {
  readonly record: ReleaseRecord;
  /** Until the guard had decided. */
  readonly detected: number;
  /** Until no pod of it was Ready and the last bad answer was over. */
  readonly restored: number;
  /** Requests from its first bad answer to its last one, and how many of them failed. */
  readonly requests: number;
  readonly failed: number;
};

/** What a withdrawal is seen by. */
export type WithdrawalOptions = {
  readonly guarded: Guarded;
  readonly load: TimedLoad;
  /** The release, by the hash of its pods. */
  readonly hash: string;
  /** When it was deployed, in milliseconds since 1970. */
  readonly since: number;
  readonly isBad: (answer: Answered) => boolean;
  /** How long its end is waited for, in milliseconds. */
  readonly within: number;
};

/** How long the load goes on after the end, for bad answers that may still come. */
const AFTER_MS = 5_000;

/** Waits for the end of a release under load, and measures it. Rejects when there is none in time. */
export async function observeWithdrawal(options: WithdrawalOptions): Promise<Withdrawal> {
  const { guarded, load, hash, since, isBad, within } = options;
  let goneAt: number | undefined;
  const record = await poll(within, async () => {
    const before = Date.now();
    if ((await readyOf(guarded, hash)) > 0) goneAt = undefined;
    else goneAt ??= before;
    return guarded.ended(hash, 0);
  });
  const end = Date.now() + AFTER_MS;
  await poll(2 * AFTER_MS, () =>
    Date.now() < end ? Promise.reject(new Error('more answers may come')) : Promise.resolve(),
  );
  const bad = load.answered.filter((answer) => answer.at >= since && isBad(answer)).sort((a, b) => a.at - b.at);
  const [first] = bad;
  if (!first) throw new Error('no answer of the release was bad');
  const last = Math.max(...bad.map(({ at, ms }) => at + ms));
  const between = load.answered.filter(({ at }) => at >= first.at && at <= last);
  return {
    record,
    detected: (record.decision?.at ?? Number.NaN) - first.at,
    restored: Math.max(goneAt ?? Number.NaN, last) - first.at,
    requests: between.length,
    failed: between.filter(isFailed).length,
  };
}

/** A withdrawal in one line. */
export function inWords({ detected, restored, requests, failed }: Withdrawal): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  return `detected after ${seconds(detected)}, restored after ${seconds(restored)}, ${failed} of ${requests} requests failed`;
}

/** Pods of a release that take requests as part of the gateway's own Deployment. */
async function readyOf(guarded: Guarded, hash: string): Promise<number> {
  const pods = await guarded.pods('gateway');
  return pods.filter(
    ({ metadata, status }) =>
      metadata.labels['pod-template-hash'] === hash &&
      metadata.deletionTimestamp === undefined &&
      status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  ).length;
}
