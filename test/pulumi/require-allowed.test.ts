import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QUARANTINE, requireRelease } from '../../infra/cluster/index.ts';
import { synthesize } from '../../infra/synth/index.ts';
import { definition } from '../../service/definition/index.ts';
import { startApiServer } from '../support/api-server.ts';
import { COMMIT, runProgram, type Run } from './run-program.ts';

const SECRETS = { redisPassword: 'red-secret', postgresPassword: 'post-secret' };
const LIMIT_MS = 120_000;

test(
  'a quarantined release registers nothing; a cluster that cannot be asked keeps nobody from a preview',
  async () => {
    const { id } = requireRelease(synthesize(definition.dev, COMMIT).manifests);
    const record = JSON.stringify({ reason: 'errors of 5 %', at: '2026-01-02', by: 'guard' });
    const metadata = { name: QUARANTINE, namespace: definition.dev.namespace };
    const quarantine = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [id]: record } };
    const server = await startApiServer(() => ({
      version: 'v1.34.1',
      kinds: ['v1 ConfigMap'],
      objects: [quarantine],
      allows: () => true,
      forbidden: undefined,
    }));
    const folder = mkdtempSync(join(tmpdir(), 'sluice-quarantine-'));
    const KUBECONFIG = join(folder, 'config');
    const variables = { KUBECONFIG };
    const run = (): Promise<Run> => runProgram({ stack: 'dev', secrets: SECRETS, variables });
    const cluster = { kubeconfigStack: 'acme/cloud/dev' };
    const otherStacks = { 'acme/cloud/dev': { kubeconfig: server.config.exportConfig() } };
    try {
      writeFileSync(KUBECONFIG, server.config.exportConfig());
      const refused = await run();
      expect(refused).toMatchObject({ resources: [], exitCode: 32 });
      expect(refused.errors).toEqual([expect.stringContaining('quarantined since 2026-01-02 by guard: errors of 5 %')]);
      expect(refused.errors[0]).toContain(`"path":"/data/${id}"`);
      const byStack = await runProgram({ stack: 'dev', secrets: SECRETS, config: cluster, otherStacks });
      expect(byStack).toMatchObject({ resources: [], exitCode: 32, errors: refused.errors });
      await server.close();
      expect(await run()).toMatchObject({ errors: [], warnings: [], exitCode: 0, finished: true });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  LIMIT_MS,
);
