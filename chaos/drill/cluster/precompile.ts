import { flushCompileCache } from 'node:module';

/**
 * Run once while an image is built, as that of the gateway (`service/precompile.ts`): keeps what a start of the programs
 * of drills compiles. Their main modules are left out, which start them.
 */
await Promise.all([
  import('@kubernetes/client-node'),
  import('../../faults/control/server.ts'),
  import('../../faults/proxy.ts'),
  import('../../faults/settings.ts'),
  import('../run-experiment.ts'),
  import('./cut/end-connections.ts'),
  import('./faults/index.ts'),
  import('./keeper/keeper.ts'),
  import('./keeper/metrics.ts'),
  import('./keeper/server.ts'),
  import('./preflight/preflight.ts'),
  import('./runner/credentials.ts'),
  import('./runner/drill.ts'),
  import('./runner/reports.ts'),
  import('./settings.ts'),
  import('./stand/index.ts'),
]);
flushCompileCache();
