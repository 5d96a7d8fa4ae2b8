import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { median, PROJECT, type Measure } from './measure.ts';

/** The whole process of `sluice synth --all`, and of `sluice check --all`. */
export function measureSynthesis(rounds: number): readonly Measure[] {
  const out = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const time = (...args: string[]): number => {
    const startedAt = performance.now();
    const { status, stderr } = spawnSync(process.execPath, ['infra/cli/sluice.js', ...args], {
      cwd: PROJECT,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`sluice ${args.join(' ')} failed: ${stderr}`);
    return (performance.now() - startedAt) / 1000;
  };
  const repeat = (...args: string[]): number => median(Array.from({ length: rounds }, () => time(...args)));
  try {
    return [
      { name: 'synthesis of all environments', value: repeat('synth', '--all', '--out', join(out, 'dist')), unit: 's' },
      { name: 'check of all environments', value: repeat('check', '--all'), unit: 's' },
    ];
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** From `npm start` to the first answered search, and the memory of the gateway's processes once it idles. */
export async function measureStart(rounds: number): Promise<readonly Measure[]> {
  const starts: number[] = [];
  const memories: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const port = await findFreePort();
    const opsPort = await findFreePort();
    const startedAt = performance.now();
    const child = spawn('npm', ['start', '--', '--port', String(port), '--ops-port', String(opsPort)], {
      cwd: PROJECT,
      stdio: 'ignore',
      detached: true,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      await eventually(async () => {
        const { ok } = await fetch(`http://127.0.0.1:${port}/v1/search?q=rate+limit`);
        if (!ok) throw new Error('not ready');
      }, 60_000);
      starts.push((performance.now() - startedAt) / 1000);
      const metrics = await eventually(async () => {
        const text = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
        if (!/^gateway_cache_lookups_total\{result="miss"\} [1-9]/m.test(text))
          throw new Error('the workers have not reported');
        return text;
      });
      memories.push(Number(/^process_resident_memory_bytes (\d+)/m.exec(metrics)?.[1]) / 2 ** 20);
    } finally {
      process.kill(-(child.pid ?? 0), 'SIGINT');
      await ended;
    }
  }
  return [
    { name: 'first answer after npm start', value: median(starts), unit: 's' },
    { name: 'resident memory of the idle gateway (primary and workers)', value: median(memories), unit: 'MiB' },
  ];
}
