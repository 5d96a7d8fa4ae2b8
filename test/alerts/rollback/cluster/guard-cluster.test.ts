import { describe } from '@jest/globals';
import { actsSuite } from './acts-suite.ts';
import { factsSuite } from './facts-suite.ts';
import { fakePlace } from './fake-place.ts';
import { leaseSuite } from './lease-suite.ts';
import { listsSuite } from './lists-suite.ts';
import { storeSuite } from './store-suite.ts';

describe('on an API server that runs no pods', () => {
  factsSuite(fakePlace);
  actsSuite(fakePlace);
  listsSuite(fakePlace);
  storeSuite(fakePlace);
  leaseSuite(fakePlace);
});
