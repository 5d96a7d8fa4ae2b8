import { flushCompileCache } from 'node:module';

/**
 * Run once while an image is built, as that of the gateway (`service/precompile.ts`): keeps what a start of the guard
 * compiles. Its main module is left out, which starts it.
 */
await Promise.all([
  import('@kubernetes/client-node'),
  import('./cluster/index.ts'),
  import('./guard/guard.ts'),
  import('./loop.ts'),
  import('./metrics.ts'),
  import('./probes.ts'),
  import('./prometheus.ts'),
  import('./server.ts'),
  import('./settings.ts'),
  import('./tell.ts'),
  import('./watchdog.ts'),
  import('./webhook/webhook.ts'),
]);
flushCompileCache();
