import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { COMPOSED, composeFile } from '../../infra/generated/compose.ts';
import { synthesize } from '../../infra/synth/index.ts';
import { exportersOf } from '../../service/definition/index.ts';
import { runTool, testWith } from '../alerts/tools.ts';

type Bind = { readonly type: string; readonly source: string; readonly target: string; readonly bind: object };

type ComposeService = {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly volumes?: readonly (string | Bind)[];
  readonly networks?: Readonly<Record<string, { readonly aliases: readonly string[] }>>;
};

type Compose = {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
  readonly volumes: Readonly<Record<string, object>>;
};

type ScrapeConfig = {
  readonly job_name: string;
  readonly dns_sd_configs: readonly { readonly names: readonly string[] }[];
  readonly relabel_configs: readonly { readonly target_label: string; readonly replacement?: string }[];
};

/** compose.yaml as Docker reads it with these variables: `${NAME:?why}` is refused without, `${NAME:-}` is then empty. */
function compose(variables: Readonly<Record<string, string>>): Compose {
  const filled = (text: string): string =>
    text.replaceAll(/\$(\$|\{(\w+)(:[-?])[^}]*\})/g, (_, rest: string, name = '', how = '') => {
      if (rest === '$') return '$';
      const value = variables[name as string] ?? '';
      if (value === '' && how === ':?') throw new Error(`${name as string} is not set`);
      return value;
    });
  // Docker fills in variables when the text is read, and so an empty one is an empty text.
  const reviver = (_: unknown, value: unknown): unknown => (typeof value === 'string' ? filled(value) : value);
  return parse(composeFile(), reviver) as Compose;
}

const PASSWORDS = { REDIS_PASSWORD: 'one', POSTGRES_PASSWORD: 'two' };
const { services, configs, volumes } = compose(PASSWORDS);
const watching = Object.entries(services).filter(([, { profiles }]) => profiles?.includes('observability'));
const { files } = synthesize(COMPOSED);

/** What stands at a path in the container of a service, as far as compose.yaml says it. */
function configAt(service: string, target: string): unknown {
  const source = services[service]?.configs?.find((config) => config.target === target)?.source ?? '';
  return parse(configs[source]?.content ?? '');
}

const prometheus = configAt('prometheus', '/etc/prometheus/prometheus.yaml') as {
  rule_files: string[];
  scrape_configs: ScrapeConfig[];
  alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
};

test('without the profile there is the service with its stores, and nothing is traced', () => {
  const others = Object.entries(services).filter(([, { profiles }]) => profiles === undefined);
  expect(others.map(([name]) => name)).toEqual([
    'gateway',
    'upstream',
    'redis',
    'redis-cache',
    'redisinsight',
    'postgres',
  ]);
  for (const name of ['gateway', 'upstream']) expect(services[name]?.environment?.OTEL_EXPORTER_OTLP_ENDPOINT).toBe('');
});

test('with the profile there are those who watch, and traces go where somebody says', () => {
  const told = compose({ ...PASSWORDS, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318' });
  expect(watching.map(([name]) => name).sort()).toEqual([
    'alertmanager',
    'grafana',
    'jaeger',
    'postgres-exporter',
    'prometheus',
    'redis-exporter',
  ]);
  expect(told.services.gateway?.environment?.OTEL_EXPORTER_OTLP_ENDPOINT).toBe('http://jaeger:4318');
  expect(composeFile()).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger:4318');
});

test('traces that are kept in memory are bounded', () => {
  expect(Number(services.jaeger?.environment?.MEMORY_MAX_TRACES)).toBeGreaterThan(0);
});

test('there is no guard, which has no cluster to act on, and nothing waits for one', () => {
  expect(composeFile()).toContain('npx sluice synth --env dev --set release.guard.mode=off\n');
  expect(composeFile()).not.toContain('guard-ops');
  expect(files.get('prometheus/rules.yaml')).not.toMatch(/guard/i);
  expect(files.get('alertmanager/alertmanager.yaml')).not.toContain('http://guard.');
});

test('every port is open to this machine alone', () => {
  const ports = Object.values(services).flatMap((service) => service.ports ?? []);
  expect(ports.length).toBeGreaterThan(5);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
});

test('every image is pinned to a version', () => {
  for (const [, { image }] of watching) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
});

test('every config and volume that is named is there, and none beside', () => {
  const all = Object.values(services);
  const named = all.flatMap((service) => service.configs ?? []).map(({ source }) => source);
  expect(named.sort()).toEqual(Object.keys(configs).sort());
  const kept = all
    .flatMap((service) => service.volumes ?? [])
    .flatMap((volume) => (typeof volume === 'string' ? (volume.split(':')[0] ?? '') : []));
  expect(kept.sort()).toEqual(Object.keys(volumes).sort());
});

test('what is mounted is what `sluice synth` writes, and never an empty folder', () => {
  const binds = watching.flatMap(([, service]) =>
    (service.volumes ?? []).flatMap((volume) => (typeof volume === 'string' ? [] : volume)),
  );
  expect(binds).toHaveLength(3);
  for (const { source, bind } of binds) {
    const folder = source.replace(/^\.\/dist\/dev\//, '');
    expect([...files.keys()].filter((path) => path.startsWith(`${folder}/`))).not.toEqual([]);
    expect(bind).toEqual({ create_host_path: false });
  }
});

describe('Prometheus', () => {
  test('scrapes everybody who tells something of dev, by names that compose knows', () => {
    const aliases = Object.values(services).flatMap(({ networks = {} }) =>
      Object.values(networks).flatMap((network) => network.aliases),
    );
    const names = prometheus.scrape_configs.flatMap(({ dns_sd_configs }) => dns_sd_configs.flatMap((dns) => dns.names));
    for (const name of names) expect([...Object.keys(services), ...aliases]).toContain(name);
    const jobs = prometheus.scrape_configs.map(
      ({ job_name, relabel_configs }) =>
        relabel_configs.find(({ target_label }) => target_label === 'job')?.replacement ?? job_name,
    );
    expect([...new Set(jobs)].sort()).toEqual(
      exportersOf(COMPOSED)
        .filter((exporter) => exporter !== 'prometheus')
        .sort(),
    );
  });

  test('reads the rules where they are mounted, and tells the Alertmanager beside it', () => {
    expect(prometheus.rule_files).toEqual(['rules/rules.yaml']);
    expect(files.has('prometheus/rules.yaml')).toBe(true);
    expect(prometheus.alerting.alertmanagers).toEqual([{ static_configs: [{ targets: ['alertmanager:9093'] }] }]);
  });

  testWith('promtool', 'has a configuration and rules that it takes', () => {
    const rules = parse(files.get('prometheus/rules.yaml') ?? '') as object;
    const here = { ...prometheus, rule_files: ['rules.yaml'] };
    const { status, output } = runTool('promtool', ['check', 'config', 'prometheus.yaml'], {
      'prometheus.yaml': here,
      'rules.yaml': rules,
    });
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});

testWith('amtool', 'Alertmanager has a configuration that it takes', () => {
  const { status, output } = runTool('amtool', ['check-config', 'alertmanager.yaml'], {
    'alertmanager.yaml': parse(files.get('alertmanager/alertmanager.yaml') ?? '') as object,
  });
  expect(output).toContain('SUCCESS');
  expect(status).toBe(0);
});

describe('Grafana', () => {
  test('asks the Prometheus beside it, and finds traces of slow requests in Jaeger', () => {
    expect(configAt('grafana', '/etc/grafana/provisioning/datasources/sources.yaml')).toMatchObject({
      datasources: [
        {
          type: 'prometheus',
          url: 'http://prometheus:9090',
          isDefault: true,
          jsonData: {
            timeInterval: '5s',
            exemplarTraceIdDestinations: [{ name: 'trace_id', datasourceUid: 'jaeger' }],
          },
        },
        { type: 'jaeger', uid: 'jaeger', url: 'http://jaeger:16686' },
      ],
    });
    expect(services.prometheus?.command).toContain('--enable-feature=exemplar-storage');
  });

  test('finds the dashboards where they are mounted', () => {
    const { providers } = configAt('grafana', '/etc/grafana/provisioning/dashboards/dashboards.yaml') as {
      providers: { options: { path: string } }[];
    };
    const targets = services.grafana?.volumes?.map((volume) => (typeof volume === 'string' ? volume : volume.target));
    expect(targets).toEqual(providers.map(({ options }) => options.path));
  });

  test('has no account and so no password that everybody knows', () => {
    expect(services.grafana?.environment).toMatchObject({
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
      GF_AUTH_DISABLE_LOGIN_FORM: 'true',
    });
  });
});
