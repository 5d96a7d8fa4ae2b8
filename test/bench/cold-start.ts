import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definition } from '../../service/definition/index.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { startFile } from './contestants/contestant.ts';
import { median, PROJECT, type Measure } from './measure.ts';
import { race } from './race.ts';

/** From the start of the gateway's program as prod runs it to its readiness: as in the image, and without its cache. */
export async function measureColdStart(rounds: number): Promise<readonly Measure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const file = join(directory, 'service.json');
  const compiled = { NODE_COMPILE_CACHE: join(directory, 'compiled') };
  writeFileSync(file, JSON.stringify(definition.prod));
  const start = (variables: Readonly<Record<string, string>>) => async () => {
    const [port, opsPort] = [await findFreePort(), await findFreePort()];
    const startedAt = performance.now();
    const gateway = await startFile(
      'service/main.ts',
      `http://127.0.0.1:${opsPort}/readyz`,
      {
        SLUICE_DEFINITION: file,
        PORT: String(port),
        OPS_PORT: String(opsPort),
        DRAIN_DELAY_MS: '0',
        CACHE_BACKEND: 'memory',
        DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
        ...variables,
      },
      '0,1',
    );
    return { ...gateway, seconds: (performance.now() - startedAt) / 1000 };
  };
  try {
    spawnSync(process.execPath, ['service/precompile.ts'], { cwd: PROJECT, env: { ...process.env, ...compiled } });
    const seconds = await race(
      rounds,
      { image: start(compiled), bare: start({ NODE_DISABLE_COMPILE_CACHE: '1' }) },
      ({ seconds }) => Promise.resolve(seconds),
    );
    const name = 'cold start of the gateway to Ready, two workers';
    return [
      { name: `${name}, as in the image`, value: median(seconds.image), unit: 's', hold: '≤ 1' },
      { name: `${name}, nothing compiled beforehand`, value: median(seconds.bare), unit: 's' },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
