import { expect } from '@jest/globals';
import type { ReleaseRecord } from '../../alerts/rollback/record.ts';
import type { Guarded } from './guarded.ts';
import type { Image } from './images.ts';
import { poll } from './poll.ts';
import { startTimedLoad, type Answered } from './timed-load.ts';

/** Requests a second, beside the synthetic ones. */
export const FEW_PER_SECOND = 5;

/** What became of a good release in its whole window. */
export type LongWindow = {
  readonly record: ReleaseRecord;
  readonly hash: string;
  /** How often the template had been changed when it was deployed. */
  readonly revisions: number;
  readonly answers: readonly Answered[];
};

/** Has a good release take the place of another, under load, and waits for its end. */
export async function watchForLong(guarded: Guarded, image: Image): Promise<LongWindow> {
  await guarded.install(image);
  let n = 0;
  const load = startTimedLoad(FEW_PER_SECOND, () => `${guarded.origin}/v1/search?q=word${n++}`);
  try {
    // A value that changes nothing that is looked at makes another release of the same image.
    const hash = await guarded.release(image, { values: ['cache.warmUp.every=61m'] });
    await guarded.watched(hash);
    // A guard that was just installed is blind, and says so, until the first Watchdog has come all the way.
    await poll(60_000, async () =>
      expect(await guarded.sluiceRelease('status')).toMatchObject({ code: 0, out: expect.stringContaining(hash) }),
    );
    expect(await guarded.sluiceRelease('history', '--json')).toMatchObject({ code: 0 });
    await poll(60_000, async () => {
      const [baseline] = await guarded.pods('gateway-baseline');
      expect(baseline).toBeDefined();
      expect(await guarded.served()).toContain(baseline?.metadata.name);
    });
    const revisions = await guarded.revision();
    return { record: await guarded.ended(hash, 500_000), hash, revisions, answers: load.answered };
  } finally {
    await load.stop();
  }
}
