import { describe } from '@jest/globals';
import { whyNoCluster } from './kubectl.ts';

/** `describe` where a cluster answers; where none does, its tests are skipped and the reason is printed; with CI=true it throws. */
export function describeOnCluster(title: string, body: () => void): void {
  const missing = whyNoCluster();
  if (missing !== undefined && process.env.CI === 'true') throw new Error(`the cluster tests cannot run: ${missing}`);
  if (missing !== undefined) process.stderr.write(`cluster tests skipped: ${missing}\n`);
  (missing === undefined ? describe : describe.skip)(title, body);
}
