import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ruleGroups, type AlertId } from '../../../../alerts/index.ts';
import type { Service } from '../../../../service/definition/index.ts';
import { scaleRules } from '../../pace.ts';
import { ask, askJson } from '../ask.ts';
import type { ServerId, Servers } from '../server-programs.ts';
import { answers } from './answers.ts';
import { createProgram, type Keeping, type Program, type ProgramProps } from './program.ts';
import { localAlertmanagerConfig, localPrometheusConfig } from './watching-config.ts';

/** What watches a stand. */
export type Watcher = Exclude<ServerId, 'redis'>;

/** What is watched, and where everybody listens. */
export type WatchingProps = {
  readonly service: Service;
  /** By how much the rules are faster. */
  readonly factor: number;
  readonly servers: Servers;
  /** Where Alertmanager tells what it has to tell. */
  readonly sink: string;
  readonly ports: Readonly<Record<Watcher, number>>;
  /** Host and port of the gateway's metrics. */
  readonly gateway: string;
  /** Addresses of Redis as the gateway sees it, so that a fault is the exporter's too; by what metrics call it. */
  readonly redis: Readonly<Record<string, string>>;
  readonly redisPassword: string;
  /** Likewise of Postgres, with the account of the exporter. */
  readonly postgres: string;
};

const FOLDER = 'watching';
const RULES = 'rules.yaml';

/** The alert that fires as soon as anything is judged. */
const ALWAYS: AlertId = 'Watchdog';

const JUDGED_MS = 60_000;
const AGAIN_MS = 100;

type Row = Pick<ProgramProps, 'args' | 'variables'> & {
  /** Where it says that it is well. */
  readonly page: string;
};

/** What watches a stand: as much of it as is on PATH. */
export type Watching = {
  /** None of them is started yet. */
  readonly programs: Partial<Readonly<Record<Watcher, Program>>>;
  /**
   * Has the rules judged from now on, and waits until they are. Before, everybody must have been scraped, or what had
   * not started yet would be found missing.
   */
  judge(): Promise<void>;
};

/** Prepares the programs that watch a stand. */
export function watchStand(keeping: Keeping, props: WatchingProps): Watching {
  const { servers, ports } = props;
  const rows = rowsFor(keeping.folder, props);
  const programs = (Object.keys(rows) as Watcher[]).flatMap((id) => {
    const command = servers[id];
    if (command === undefined) return [];
    const { args, variables, page } = rows[id]();
    const program = createProgram(keeping, {
      name: id,
      command,
      args: [...args, `--web.listen-address=${here(ports[id])}`],
      ...(variables && { variables }),
      isReady: () => answers(`http://${here(ports[id])}${page}`),
    });
    return [[id, program] as const];
  });
  return {
    programs: Object.fromEntries(programs),
    judge: () => (servers.prometheus === undefined ? Promise.resolve() : judge(keeping, props)),
  };
}

async function judge({ folder, signal }: Keeping, { service, factor, ports }: WatchingProps): Promise<void> {
  const origin = `http://${here(ports.prometheus)}`;
  const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + JUDGED_MS;
    while (!(await isSo().catch(() => false))) {
      signal.throwIfAborted();
      if (performance.now() > deadline) throw new Error(`prometheus ${what} within ${JUDGED_MS / 1_000} s`);
      await wait(AGAIN_MS);
    }
  };
  await until('did not scrape everybody', async () => {
    const { data } = await askJson<Targets>(`${origin}/api/v1/targets?state=active`);
    return data.activeTargets.length > 0 && data.activeTargets.every(({ health }) => health === 'up');
  });
  writeFileSync(join(folder, FOLDER, RULES), JSON.stringify(scaleRules(ruleGroups(service), factor)));
  await ask(`${origin}/-/reload`, { method: 'POST' });
  await until('did not judge the rules', async () => {
    const { data } = await askJson<Alerts>(`${origin}/api/v1/alerts`);
    return data.alerts.some(({ labels }) => labels.alertname === ALWAYS);
  });
}

type Targets = { readonly data: { readonly activeTargets: readonly { readonly health: string }[] } };
type Alerts = { readonly data: { readonly alerts: readonly { readonly labels: { readonly alertname: string } }[] } };

function rowsFor(parent: string, props: WatchingProps): Readonly<Record<Watcher, () => Row>> {
  const { service, servers, sink, ports, redis, redisPassword, postgres } = props;
  const folder = join(parent, FOLDER);
  mkdirSync(folder);
  const write = (name: string, content: object): string => {
    const file = join(folder, name);
    // JSON is YAML too. Passwords are among it.
    writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
    return file;
  };
  const there = (id: Watcher): string | undefined => (servers[id] === undefined ? undefined : here(ports[id]));
  return {
    prometheus() {
      write(RULES, { groups: [] });
      const [alertmanager, redisExporter, postgresExporter] = [
        there('alertmanager'),
        there('redisExporter'),
        there('postgresExporter'),
      ];
      const config = localPrometheusConfig(service, {
        gateway: props.gateway,
        redis,
        ...(alertmanager !== undefined && { alertmanager }),
        ...(redisExporter !== undefined && { redisExporter }),
        ...(postgresExporter !== undefined && { postgresExporter }),
      });
      return {
        args: [
          `--config.file=${write('prometheus.yaml', config)}`,
          `--storage.tsdb.path=${join(folder, 'prometheus')}`,
          '--web.enable-lifecycle',
          '--log.level=warn',
        ],
        page: '/-/ready',
      };
    },
    alertmanager: () => ({
      args: [
        `--config.file=${write('alertmanager.yaml', localAlertmanagerConfig(service, sink))}`,
        `--storage.path=${join(folder, 'alertmanager')}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
      page: '/-/ready',
    }),
    redisExporter: () => ({
      args: [
        // None of its own: each scrape says which Redis it is to ask.
        '--redis.addr=',
        `--redis.password-file=${write('passwords.json', passwords(Object.values(redis), redisPassword))}`,
        '--config-command=-',
      ],
      variables: { REDIS_USER: '' },
      page: '/health',
    }),
    postgresExporter: () => ({
      args: [],
      variables: { DATA_SOURCE_NAME: `${postgres}?sslmode=disable&connect_timeout=5` },
      page: '/',
    }),
  };
}

const here = (port: number): string => `127.0.0.1:${port}`;

function passwords(addresses: readonly string[], password: string): object {
  return Object.fromEntries(addresses.map((address) => [address, password]));
}
