import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../service/store/free-port.ts';
import { eventually } from './eventually.ts';

/** A real Prometheus of a test's own. */
export type TestPrometheus = {
  readonly port: number;
  /** The `data` of an answer of its interface, `/api/v1/query?query=up`. */
  ask<T>(path: string): Promise<T>;
  stop(): Promise<void>;
};

/** Settings of a Prometheus beside its configuration. */
export type PrometheusOptions = {
  /** Files beside the configuration, as JSON. */
  readonly files?: Readonly<Record<string, object>>;
  readonly flags?: readonly string[];
  /** Folder of what it knows already; default none. */
  readonly data?: string;
};

/** Why there is no Prometheus; undefined when there is. With CI=true its absence is an error. */
export function prometheusMissing(): string | undefined {
  if (spawnSync('prometheus', ['--version']).error === undefined) return undefined;
  const reason = 'prometheus is not on PATH; install the package prometheus';
  if (process.env.CI === 'true') throw new Error(reason);
  return reason;
}

/** Starts one with a configuration, which is JSON and so YAML too, and further files beside it. */
export async function startPrometheus(
  config: object,
  { files = {}, flags = [], data }: PrometheusOptions = {},
): Promise<TestPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-prometheus-'));
  for (const [name, value] of Object.entries({ 'prometheus.yaml': config, ...files }))
    writeFileSync(join(folder, name), JSON.stringify(value));
  const port = await findFreePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${data ?? join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...flags,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(async () => {
      if (child.exitCode !== null) return;
      const { ok } = await fetch(`http://127.0.0.1:${port}/-/ready`);
      if (!ok) throw new Error(`not ready: ${log}`);
    }, 30_000);
    if (child.exitCode !== null) throw new Error(`it ended: ${log}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    stop,
    async ask<T>(path: string) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      const { data, error } = (await response.json()) as { readonly data: T; readonly error?: string };
      if (!response.ok) throw new Error(error ?? `it answered ${response.status}`);
      return data;
    },
  };
}
