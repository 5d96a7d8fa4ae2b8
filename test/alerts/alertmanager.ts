import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { alertmanagerConfig } from '../../alerts/index.ts';
import { SECRETS_FOLDER, type Service } from '../../service/definition/index.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { eventually } from '../support/eventually.ts';

/** An alert as Prometheus tells it. */
export type ToldAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** A real Alertmanager with the routes of a definition. */
export type Alertmanager = {
  /** Its host and port. */
  readonly address: string;
  /** Lines of its log so far, those for debugging too. */
  log(): string;
  tell(...alerts: readonly ToldAlert[]): Promise<void>;
  /** Names of the alerts that it keeps to itself because another one fires. */
  inhibited(): Promise<readonly string[]>;
  stop(): Promise<void>;
};

/**
 * Starts it with the files of its Secrets, by `secret/key`, in a folder of the test instead of a pod's. `moved` says what
 * stands in for URLs that only a cluster resolves.
 */
export async function startAlertmanager(
  service: Service,
  secrets: Readonly<Record<string, string>> = {},
  moved: Readonly<Record<string, string>> = {},
): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-alertmanager-'));
  for (const [path, value] of Object.entries(secrets)) write(join(folder, 'secrets', path), value);
  const config = Object.entries({ ...moved, [SECRETS_FOLDER]: join(folder, 'secrets') }).reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    JSON.stringify(alertmanagerConfig(service)),
  );
  write(join(folder, 'alertmanager.yaml'), config);
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yaml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
      '--log.level=debug',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(async () => {
      const { ok } = await fetch(`${url}/-/ready`);
      if (!ok) throw new Error(`not ready: ${log}`);
    });
  } catch (error) {
    await stop();
    throw new Error(log, { cause: error });
  }
  return {
    address: new URL(url).host,
    log: () => log,
    async tell(...alerts) {
      const headers = { 'content-type': 'application/json' };
      const { ok, status } = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers,
        body: JSON.stringify(alerts),
      });
      if (!ok) throw new Error(`Alertmanager answered ${status}`);
    },
    async inhibited() {
      const alerts = (await (await fetch(`${url}/api/v2/alerts`)).json()) as readonly {
        readonly labels: Readonly<Record<string, string>>;
        readonly status: { readonly inhibitedBy: readonly string[] };
      }[];
      return alerts
        .filter(({ status }) => status.inhibitedBy.length > 0)
        .map(({ labels }) => `${labels.alertname} in ${labels.namespace}`);
    },
    stop,
  };
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
