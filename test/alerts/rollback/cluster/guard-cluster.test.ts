import { describe } from '@jest/globals';
import { actsSuite } from './acts-suite.ts';
import { factsSuite } from './facts-suite.ts';
import { fakePlace } from './fake-place.ts';

describe('on an API server that runs no pods', () => {
  factsSuite(fakePlace);
  actsSuite(fakePlace);
});
