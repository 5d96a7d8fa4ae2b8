import { expect, test } from '@jest/globals';
import { poolShare } from '../../../service/store/postgres/share.ts';

const pod = { pools: { critical: 5, background: 2 }, overflow: { critical: 3, background: 1 } };

test.each([
  [1, pod],
  [2, { pools: { critical: 2, background: 1 }, overflow: { critical: 1, background: 0 } }],
  [4, { pools: { critical: 1, background: 1 }, overflow: { critical: 0, background: 0 } }],
])('of %i workers each has its part, rounded down, and one connection at least', (workers, share) => {
  expect(poolShare(pod, workers)).toEqual(share);
});
