import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DASHBOARDS, PANELS, type PanelId } from '../../dashboards/index.ts';
import {
  BALANCER_CLASSES,
  definition,
  describeLimit,
  ENVIRONMENTS,
  toMebibytes,
} from '../../service/definition/index.ts';
import { BLOCKING } from '../../service/store/schema/blocking-statements.ts';
import { flows, type Flow } from '../charts/index.ts';
import { PRIORITY_CLASSES } from '../charts/objects/priority-classes.ts';
import { INVARIANTS } from '../invariants/index.ts';
import { alertRows, inhibitionRows, objectiveRows, paceRows } from './alert-rows.ts';
import { costRows } from './cost.ts';
import { chainRows, experimentRows } from './drill-rows.ts';
import { METRIC_HEAD, metricRows } from './metric-rows.ts';
import { ruleRows, watchRows } from './release-rows.ts';
import { PARTS } from '../pulumi/platform/parts.ts';

type Row = readonly string[];

type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly hold?: string;
  readonly aim?: string;
  readonly worst?: number;
};

type Figures = {
  readonly groups: Readonly<Record<string, { readonly machine: Machine; readonly measures: readonly Figure[] }>>;
};

type Machine = { readonly node: string; readonly cpu: string; readonly cores: number };

const FIGURES = fileURLToPath(new URL('../../test/bench/results/gateway.json', import.meta.url));
const SLUICE = fileURLToPath(new URL('../cli/sluice.js', import.meta.url));

/** The generated parts of documents, by the name that their place carries. */
const TABLES: Readonly<Record<string, () => string>> = {
  routes: () =>
    table(
      ['route', 'lane', 'limit of its own', 'cached', 'key or session', 'answers within'],
      Object.values(definition.prod.routes).map(({ method, path, lane, limit, limited, cacheFor, auth, timeout }) => [
        `\`${method} ${path}\``,
        lane,
        limit ? describeLimit(limit) : limited ? '' : 'never limited',
        cacheFor ?? '',
        auth,
        timeout,
      ]),
    ),
  experiments: () =>
    table(['experiment', 'what is believed', 'trips', 'can be done by', 'fails without'], experimentRows()),
  chains: () => table(['experiment', 'from the fault on', 'when it is taken back'], chainRows()),
  finding: () => transcript('check', '--env', 'prod', '--set', 'datastores.postgres.maxConnections=20'),
  balancers: () =>
    table(
      [
        'class',
        'objects',
        'its timeout counts',
        'streams',
        'idle time to pods',
        'one retry elsewhere',
        'ejects bad pods',
      ],
      Object.entries(BALANCER_CLASSES).map(([name, row]) => [
        `\`${name}\``,
        row.kind === 'gateway' ? 'HTTPRoute, Gateway, BackendTrafficPolicy' : 'Ingress',
        row.counts === 'total' ? 'all the time' : 'silence',
        row.streamTimeout ? 'a time of their own' : 'may last longer, not be silent longer',
        row.idleTimeoutSet,
        row.retry ? 'yes' : 'not possible',
        row.ejection === 'none' ? 'not possible beside readiness' : `by ${row.ejection}`,
      ]),
    ),
  statements: () =>
    table(
      ['rule', 'why', 'instead'],
      BLOCKING.map(({ id, problem, fix }) => [`\`${id}\``, problem, fix]),
    ),
  invariants: () =>
    table(
      ['invariant', 'joins', 'why'],
      INVARIANTS.map(({ id, layers, reason }) => [`\`${id}\``, layers.join(', '), reason]),
    ),
  flows: () => {
    const rows = ENVIRONMENTS.map((name) => flows(definition[name]));
    const ends = (flow: Flow): string => `${endName(flow.from)}\n${endName(flow.to)}`;
    return table(
      ['from', 'to', 'dev', 'staging', 'prod'],
      [...new Set(rows.flat().map(ends))].map((pair) => [
        ...pair.split('\n'),
        ...rows.map((all) =>
          all
            .filter((flow) => ends(flow) === pair)
            .flatMap(({ ports }) => ports)
            .join(', '),
        ),
      ]),
    );
  },
  parts: () =>
    table(
      ['part', 'what it gives', 'on where an environment has', 'chart', 'version', 'namespace', 'pod security'],
      Object.entries(PARTS).map(([id, { purpose, needed, chart, namespace }]) => [
        `\`${id}\``,
        purpose,
        needed.when,
        chart === undefined ? '' : chart.repository === undefined ? chart.name : `${chart.name} of ${chart.repository}`,
        chart?.version ?? '',
        namespace?.name(ENVIRONMENTS.map((name) => definition[name])) ?? (chart ? 'kube-system' : ''),
        namespace?.level ?? '',
      ]),
    ),
  priorities: () =>
    table(
      ['class', 'value', 'pods'],
      Object.values(PRIORITY_CLASSES).map(({ name, value, description }) => [
        `\`${name}\``,
        String(value),
        description,
      ]),
    ),
  alerts: () => table(['alert', 'severity', 'team', 'means'], alertRows('alerts/RUNBOOK.md')),
  objectives: () => table(['objective', 'promise', 'of what'], objectiveRows()),
  paces: () => table(['severity', 'long window', 'short window', 'of the budget', 'burns'], paceRows()),
  inhibitions: () => table(['while this fires', 'nobody is told of', 'with the same', 'because'], inhibitionRows()),
  rules: () => table(['rule', 'holds when', 'the guard', 'also for an order', 'you'], ruleRows()),
  watched: () => table(['', ...ENVIRONMENTS], watchRows()),
  metrics: () => table(METRIC_HEAD, metricRows()),
  dashboards: () =>
    table(
      ['dashboard', 'when to look', 'panels'],
      DASHBOARDS.map(({ id, title, description, rows }) => [
        `${title} (\`${id}\`)`,
        description,
        rows.flatMap(({ panels }) => panels.map(panelTitle)).join(', '),
      ]),
    ),
  figures: () =>
    figures([
      'start',
      'deploy',
      'hits',
      'fast',
      'proxy',
      'distributed',
      'processes',
      'observability',
      'rules',
      'release',
      'live',
    ]),
  drillFigures: () => figures(['drill']),
  aiFigures: () => figures(['ai']),
  forecast: () => figures(['forecast']),
  overload: () => figures(['overload']),
  cost: () => table(['', ...ENVIRONMENTS], costRows(ENVIRONMENTS.map((name) => definition[name]))),
  environments: () =>
    table(
      ['', 'dev', 'staging', 'prod'],
      [
        ['gateway pods', ...each(({ scaling }) => `${scaling.min}–${scaling.max}`)],
        ['workers in a pod', ...each(({ gateway }) => String(gateway.workers))],
        ['memory limit of a pod', ...each(({ gateway }) => `${toMebibytes(gateway.memory.limit)} MiB`)],
        ['sample upstream', ...each(({ upstream }) => (upstream.deploy ? 'deployed' : upstream.origin))],
        ['cache, limits, sessions', ...each(({ stores }) => storesOf(stores))],
        ['monitoring', ...each(({ monitoring }) => monitoring.kind)],
        ['monthly drill', ...each(({ drills }) => (drills.enabled ? drills.schedule : 'no'))],
      ],
    ),
};

function panelTitle(id: PanelId): string {
  return PANELS.find((panel) => panel.id === id)?.title ?? id;
}

function endName(end: Flow['from']): string {
  if (end === 'outside') return 'a host that a Secret names';
  return typeof end === 'string' ? end : `\`${end.host}\``;
}

/** What the bench measured last, of the groups named. */
function figures(names: readonly string[]): string {
  const { groups } = JSON.parse(readFileSync(FIGURES, 'utf8')) as Figures;
  const measured = names.flatMap((name) => groups[name] ?? []);
  const rows = measured
    .flatMap(({ measures }) => measures)
    .map(({ name, value, worst, unit, hold, aim }) => [
      name,
      `${unit === 'runs' ? value : rounded(value)} ${unit === 'ratio' ? '' : unit}`.trim() +
        (worst === undefined ? '' : `, worst ${rounded(worst)}`),
      hold ?? '',
      aim ?? '',
    ]);
  const machines = measured.map(({ machine: { cores, cpu, node } }) => `${cores} × ${cpu}, Node ${node}`);
  return `${table(['figure', 'measured', 'hold', 'aim'], rows)}\nOn ${[...new Set(machines)].join('; ')}.\n`;
}

function rounded(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

/** What a command prints, as it would look on a terminal without colour. */
function transcript(...args: readonly string[]): string {
  const { stdout } = spawnSync(process.execPath, [SLUICE, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return `\`\`\`\n$ npx sluice ${args.join(' ')}\n${stdout.trimEnd()}\n\`\`\`\n`;
}

/** The text with each table between `<!-- table: NAME -->` and `<!-- end -->` made anew. Throws for an unknown name. */
export function withTables(text: string): string {
  return text.replace(
    /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => {
      const make = TABLES[name];
      if (!make) throw new Error(`A document names the table '${name}'; known are ${Object.keys(TABLES).join(', ')}`);
      return `${start}\n${make()}\n${end}`;
    },
  );
}

type Stores = (typeof definition)['dev']['stores'];

/** Where Redis runs, by its kind. */
const REDIS_PODS: Readonly<Record<Stores['redis']['kind'], (redis: Stores['redis']) => string>> = {
  single: () => 'one pod for each role',
  replicated: ({ replicas, sentinels }) =>
    `${replicas} pods and ${sentinels} Sentinels for limits and sessions, one pod for the cache`,
  external: () => 'external',
};

function storesOf({ backend, redis }: Stores): string {
  return backend === 'memory' ? backend : `${backend}, ${REDIS_PODS[redis.kind](redis)}`;
}

function each(value: (service: (typeof definition)['dev']) => string): string[] {
  return [value(definition.dev), value(definition.staging), value(definition.prod)];
}

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
