import { failing, good } from '../cluster/bad-releases.ts';
import { Guarded } from '../cluster/guarded.ts';
import { buildImage } from '../cluster/images.ts';
import { whyNoCluster } from '../cluster/kubectl.ts';
import { poll } from '../cluster/poll.ts';
import { isFailed, searchesAt, startTimedLoad } from '../cluster/timed-load.ts';
import { inWords, observeWithdrawal, type Withdrawal } from '../cluster/withdrawal.ts';
import { median, type Measure } from './measure.ts';

// Each takes about a minute.
const REPETITIONS = 10;
/** Two of three pods are new once a release has rolled, and so are 20 of these requests a second. */
const PER_SECOND = 30;
const ENDED_MS = 240_000;

/** How soon the guard withdraws a release that answers 500 to 5 % of its requests, and what that costs users. */
export async function measureRelease(): Promise<readonly Measure[]> {
  const missing = whyNoCluster();
  if (missing !== undefined) {
    process.stderr.write(`skipped: how a bad release is withdrawn: ${missing}\n`);
    return [];
  }
  const withdrawals = await withdrawRepeatedly();
  const each = (pick: (withdrawal: Withdrawal) => number): readonly number[] => withdrawals.map(pick);
  const seconds = (pick: (withdrawal: Withdrawal) => number) => each((withdrawal) => pick(withdrawal) / 1000);
  const detected = seconds((withdrawal) => withdrawal.detected);
  const restored = seconds((withdrawal) => withdrawal.restored);
  const failed = each((withdrawal) => withdrawal.failed);
  const bounds = {
    detection: { unit: 's', hold: '≤ 45', aim: '≤ 30' },
    restore: { unit: 's', hold: '≤ 120', aim: '≤ 60' },
  } as const;
  const from = 'from the first bad request of a release that fails 5 %';
  return [
    { name: `${from}, to the decision, median`, value: median(detected), ...bounds.detection },
    { name: `${from}, to the decision, worst`, value: Math.max(...detected), ...bounds.detection },
    { name: `${from}, to full health, median`, value: median(restored), ...bounds.restore },
    { name: `${from}, to full health, worst`, value: Math.max(...restored), ...bounds.restore },
    { name: `requests that failed meanwhile, of ${PER_SECOND}/s, median`, value: median(failed), unit: 'calls' },
    { name: `requests that failed meanwhile, of ${PER_SECOND}/s, worst`, value: Math.max(...failed), unit: 'calls' },
  ];
}

/** Deploys bad releases one after the other, each of which is withdrawn. Rejects when one is not. */
async function withdrawRepeatedly(): Promise<readonly Withdrawal[]> {
  const images = { good: buildImage('eeeeee0', good), failing: buildImage('eeeeee1', failing) };
  const guarded = new Guarded();
  try {
    await guarded.install(images.good);
    const proven = await guarded.ended(await guarded.hash(), ENDED_MS);
    const load = startTimedLoad(PER_SECOND, searchesAt(guarded.origin));
    const withdrawals: Withdrawal[] = [];
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      const since = Date.now();
      // Another release each time: one that was withdrawn is refused.
      const hash = await guarded.release(images.failing, { values: [`cache.warmUp.every=${61 + repetition}m`] });
      const withdrawal = await observeWithdrawal({ guarded, load, hash, since, isBad: isFailed, within: ENDED_MS });
      const { outcome, ending } = withdrawal.record;
      if (outcome !== 'restored') throw new Error(`the release was not withdrawn: ${outcome}: ${ending}`);
      process.stderr.write(`  ${inWords(withdrawal)}\n`);
      withdrawals.push(withdrawal);
      await poll(ENDED_MS, async () => {
        const kept = (await guarded.pods('gateway-baseline')).length;
        const now = await guarded.hash();
        if (kept > 0 || now !== proven.hash) throw new Error(`${kept} pods are kept, and ${now} runs`);
      });
    }
    await load.stop();
    return withdrawals;
  } finally {
    await guarded.remove();
  }
}
