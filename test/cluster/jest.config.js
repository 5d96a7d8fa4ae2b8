import shared from '../../jest.config.js';

/** Tests that need a Kubernetes cluster, one at a time. */
export default {
  ...shared,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/cluster/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600_000,
  maxWorkers: 1,
  verbose: true,
};
