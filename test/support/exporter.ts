import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { eventually } from './eventually.ts';

/** Programs of exporters as Debian calls them; each is a package of the same name. */
export const PROGRAMS = {
  'redis-exporter': 'prometheus-redis-exporter',
  'postgres-exporter': 'prometheus-postgres-exporter',
} as const;

/** Why the real exporters cannot be tested with; undefined when they can. With CI=true their absence is an error. */
export function exportersMissing(): string | undefined {
  const missing = Object.values(PROGRAMS).filter((program) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length === 0) return undefined;
  const reason = `not on PATH: ${missing.join(', ')}; install the packages of these names to run this`;
  if (process.env.CI === 'true') throw new Error(reason);
  return reason;
}

/** An exporter as its Deployment runs it, but for what differs on this machine. */
export type ExporterProps = {
  readonly deployment: KubernetesObject;
  readonly name: keyof typeof PROGRAMS;
  /** Text by the path that the Deployment has it mounted at. */
  readonly files: Readonly<Record<string, string>>;
  /** What stands in for an address of the cluster, by that address. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Variables that differ; default none does. */
  readonly variables?: Readonly<Record<string, string>>;
};

/** What the exporter answers at a path, and how to end it. */
export type TestExporter = {
  /** Its host and port. */
  readonly address: string;
  page(path: string): Promise<string>;
  stop(): Promise<void>;
};

/** Starts a real exporter with the arguments and variables of its Deployment. */
export async function startExporter({
  deployment,
  name,
  files,
  addresses,
  variables = {},
}: ExporterProps): Promise<TestExporter> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-exporter-'));
  const port = await findFreePort();
  const stand = new Map(Object.entries(addresses));
  for (const [index, [path, text]] of Object.entries(files).entries()) {
    writeFileSync(join(folder, String(index)), text);
    stand.set(path, join(folder, String(index)));
  }
  const here = (text: string): string =>
    [...stand].reduce((given, [there, local]) => given.replaceAll(there, local), text);
  type Container = { args: string[]; env: { name: string; value: string }[] };
  const [container] = (deployment.spec as { template: { spec: { containers: Container[] } } }).template.spec.containers;
  if (!container) throw new Error(`${name} has no container`);
  const args = container.args.map((arg) => here(arg).replace(/=:\d+$/, `=127.0.0.1:${port}`));
  const environment = Object.fromEntries(container.env.map(({ name: variable, value }) => [variable, here(value)]));
  const child = spawn(PROGRAMS[name], args, {
    env: { PATH: process.env.PATH, ...environment, ...variables },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const page = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.text();
  };
  await eventually(() => page('/'));
  return {
    address: `127.0.0.1:${port}`,
    page,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
