import { flushCompileCache } from 'node:module';

/**
 * Run once while an image is built, with NODE_COMPILE_CACHE set: keeps what a start compiles, so that pods need not do
 * it again, each for every process. The cache is of one version of Node and of one user, who must be the image's own.
 */
await Promise.all([
  import('./gateway/processes/primary.ts'),
  import('./gateway/processes/dependencies.ts'),
  import('./gateway/processes/schema-watch.ts'),
  import('./gateway/processes/worker.ts'),
  import('./gateway/ops.ts'),
  import('./gateway/processes/live-page.ts'),
  import('./gateway/live/index.ts'),
  import('./store/migrate.ts'),
  import('./telemetry/exposition.ts'),
  import('./upstream/server.ts'),
]);
flushCompileCache();
