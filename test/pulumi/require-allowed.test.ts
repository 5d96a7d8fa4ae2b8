import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STORES } from '../../alerts/rollback/index.ts';
import { QUARANTINE, requireRelease } from '../../infra/cluster/index.ts';
import { requireAllowed } from '../../infra/pulumi/require-allowed.ts';
import { synthesize } from '../../infra/synth/index.ts';
import { definition } from '../../service/definition/index.ts';
import { startApiServer } from '../support/api-server.ts';
import { PASSWORDS } from '../support/passwords.ts';
import { COMMIT, runProgram, type Run } from './run-program.ts';

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
    const run = (): Promise<Run> => runProgram({ stack: 'dev', secrets: PASSWORDS, variables });
    const cluster = { kubeconfigStack: 'acme/cloud/dev' };
    const otherStacks = { 'acme/cloud/dev': { kubeconfig: server.config.exportConfig() } };
    try {
      writeFileSync(KUBECONFIG, server.config.exportConfig());
      const refused = await run();
      expect(refused).toMatchObject({ resources: [], exitCode: 32 });
      expect(refused.errors).toEqual([expect.stringContaining('quarantined since 2026-01-02 by guard: errors of 5 %')]);
      expect(refused.errors[0]).toContain(`"path":"/data/${id}"`);
      expect(refused.errors[0]).toContain(`sluice release allow ${id} --env dev`);
      const byStack = await runProgram({ stack: 'dev', secrets: PASSWORDS, config: cluster, otherStacks });
      expect(byStack).toMatchObject({ resources: [], exitCode: 32, errors: refused.errors });
      await server.close();
      expect(await run()).toMatchObject({ errors: [], warnings: [], exitCode: 0, finished: true });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  LIMIT_MS,
);

test(
  'what is frozen is not changed, and may be previewed',
  async () => {
    const metadata = { name: STORES.guard, namespace: definition.dev.namespace };
    const freeze = JSON.stringify({ until: Date.now() + LIMIT_MS, reason: 'a sale', by: 'ada' });
    const server = await startApiServer(() => ({
      version: 'v1.34.1',
      kinds: ['v1 ConfigMap'],
      objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { freeze } }],
      allows: () => true,
      forbidden: undefined,
    }));
    const cluster = { kubeconfigStack: 'acme/cloud/dev' };
    const otherStacks = { 'acme/cloud/dev': { kubeconfig: server.config.exportConfig() } };
    const told = expect.stringMatching(/^dev is frozen until .* by ada: a sale; .*sluice release unfreeze --env dev/);
    try {
      const refused = await runProgram({ stack: 'dev', secrets: PASSWORDS, config: cluster, otherStacks });
      expect(refused).toMatchObject({ resources: [], exitCode: 32, errors: [told] });
      const preview = await runProgram({
        stack: 'dev',
        secrets: PASSWORDS,
        config: cluster,
        otherStacks,
        isPreview: true,
      });
      expect(preview).toMatchObject({ exitCode: 0, errors: [], warnings: [told], finished: true });
    } finally {
      await server.close();
    }
  },
  LIMIT_MS,
);

test('what the repository itself quarantines is refused without a cluster', async () => {
  const objects = synthesize(definition.dev, COMMIT).manifests;
  const { id } = requireRelease(objects);
  const quarantined = { [id]: { reason: 'orders are lost', at: '2026-01-02', by: 'ada' } };
  const intended = { environment: 'dev', namespace: definition.dev.namespace, objects, quarantined };
  const nowhere = { file: '/nowhere/config', stack: undefined, output: 'kubeconfig', context: undefined };
  await expect(requireAllowed(intended, undefined, nowhere)).rejects.toThrow(
    /is quarantined since 2026-01-02 by ada: orders are lost; .* sluice release allow /,
  );
});
