import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretObjects, synthesize } from '../../infra/synth/index.ts';
import { definition } from '../../service/definition/index.ts';
import { COMMIT } from '../pulumi/run-program.ts';
import { standInForPulumi, type StandIn } from '../pulumi/stand-in/start.ts';
import { startApiServer, type ApiServer } from '../support/api-server.ts';
import { deployedCluster } from '../support/deployed-cluster.ts';
import { PASSWORDS } from '../support/passwords.ts';
import { PROJECT } from '../support/serve.ts';

const LIMIT_MS = 240_000;

let pulumi: StandIn;
let server: ApiServer;

beforeAll(async () => {
  const { manifests } = synthesize(definition.dev, COMMIT);
  const secrets = secretObjects(definition.dev, PASSWORDS);
  server = await startApiServer(() => deployedCluster(manifests, secrets));
  pulumi = await standInForPulumi();
  pulumi.init('dev');
  writeFileSync(join(pulumi.root, 'config'), server.config.exportConfig());
});
afterAll(async () => {
  pulumi.remove();
  await server.close();
});

test(
  'Ctrl-C in the middle ends with 3 and one document; the next run goes on, though nobody reads what it tells',
  async () => {
    const broken = up('--json');
    let [out, err] = ['', ''];
    broken.stdout?.on('data', (chunk: Buffer) => void (out += chunk.toString()));
    broken.stderr?.on('data', (chunk: Buffer) => {
      if (!err.includes('  created ') && chunk.includes('  created ')) broken.kill('SIGINT');
      err += chunk.toString();
    });
    expect(await once(broken, 'close')).toEqual([3, null]);
    const message = 'broken off; what is done stays; the next run of this goes on from there';
    expect(JSON.parse(out)).toMatchObject({ env: 'dev', outcome: 'aborted', message });
    expect(err).toMatch(/breaking off; wait for what is under way\n[^]*error: broken off; /);
    expect(out + err).not.toMatch(/-secret/);

    const unread = up();
    unread.stdout?.destroy();
    unread.stderr?.destroy();
    expect(await once(unread, 'close')).toEqual([0, null]);
    expect(pulumi.calls().filter(({ args }) => args[0] === 'up')).toHaveLength(2);
  },
  LIMIT_MS,
);

/** Starts the command as a person does, without a terminal. */
function up(...args: readonly string[]): ChildProcess {
  const PATH = `${join(pulumi.root, 'bin')}:${process.env.PATH ?? ''}`;
  const KUBECONFIG = join(pulumi.root, 'config');
  return spawn(process.execPath, [join(PROJECT, 'infra/cli/sluice.js'), 'up', '--env', 'dev', '--yes', ...args], {
    env: { PATH, HOME: pulumi.root, KUBECONFIG, SLUICE_COMMIT: COMMIT },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
