import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { ruleGroups } from '../../alerts/index.ts';
import { definition, toMilliseconds, toSeconds, type Service } from '../../service/definition/index.ts';
import { GATEWAY_JOB, RECORDED, select } from '../../service/telemetry/catalogue.ts';
import { eventually } from '../support/eventually.ts';
import { startPrometheus, type TestPrometheus } from '../support/prometheus.ts';
import { startGateway } from './contestants/gateway.ts';
import { canMeasure, median, type Measure } from './measure.ts';

const OBJECTIVES = ['errors', 'latency', 'availability', 'cache'] as const;

type Group = {
  readonly name: string;
  readonly interval: number;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
};

/** How long a Prometheus that has watched for a month is at the rules of prod, once for each group of them. */
export async function measureRules(rounds: number): Promise<readonly Measure[]> {
  if (!canMeasure('evaluation of rules', ['prometheus', 'promtool'])) return [];
  const service = definition.prod;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-rules-'));
  try {
    await writeMonth(service, join(folder, 'month.txt'));
    const blocks = ['tsdb', 'create-blocks-from', 'openmetrics', '--max-block-duration=744h', '--quiet'];
    execFileSync('promtool', [...blocks, join(folder, 'month.txt'), join(folder, 'data')], { stdio: 'ignore' });
    const groups = await evaluated(service, join(folder, 'data'), rounds);
    const load = groups.map(({ interval, seconds }) => seconds / interval);
    return [
      {
        name: 'rules of prod, one evaluation of every group',
        value: 1000 * sum(groups.map(({ seconds }) => seconds)),
        unit: 'ms',
      },
      {
        name: 'rules of prod, the group that takes longest (budgets of 30 days)',
        value: 1000 * Math.max(...groups.map(({ seconds }) => seconds)),
        unit: 'ms',
      },
      { name: 'rules of prod, share of one core', value: sum(load), unit: 'ratio', hold: '≤ 0.1' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The seconds that each group took, in the middle of its evaluations beside a gateway that is scraped. */
async function evaluated(service: Service, data: string, rounds: number) {
  const gateway = await startGateway();
  const scrape = {
    job_name: GATEWAY_JOB,
    scrape_interval: service.monitoring.scrapeInterval,
    static_configs: [{ targets: [new URL(gateway.opsUrl).host], labels: { namespace: service.namespace, pod: 'one' } }],
  };
  const prometheus = await startPrometheus(
    { rule_files: ['rules.yaml'], scrape_configs: [scrape] },
    { files: { 'rules.yaml': ruleGroups(service) }, data, flags: ['--storage.tsdb.retention.time=60d'] },
  );
  try {
    const taken = new Map<string, { readonly interval: number; readonly times: Map<string, number> }>();
    const slowest = Math.max(...(await groupsOf(prometheus)).map(({ interval }) => interval));
    await eventually(
      async () => {
        for (const { name, interval, evaluationTime, lastEvaluation } of await groupsOf(prometheus)) {
          const group = taken.get(name) ?? { interval, times: new Map() };
          taken.set(name, group);
          if (evaluationTime > 0) group.times.set(lastEvaluation, evaluationTime);
        }
        const due = [...taken.values()].filter(({ interval, times }) => times.size < (interval > 60 ? 2 : rounds));
        if (due.length > 0) throw new Error(`${due.length} groups were not evaluated often enough`);
      },
      3000 * slowest + 60_000,
      500,
    );
    return [...taken.values()].map(({ interval, times }) => ({ interval, seconds: median([...times.values()]) }));
  } finally {
    await prometheus.stop();
    await gateway.stop();
  }
}

async function groupsOf({ ask }: TestPrometheus): Promise<readonly Group[]> {
  return (await ask<{ readonly groups: readonly Group[] }>('/api/v1/rules')).groups;
}

/** What the rules would have recorded in the time that budgets are for: steady traffic, of which a little is bad. */
async function writeMonth(service: Service, path: string): Promise<void> {
  const file = createWriteStream(path);
  const step = toSeconds(service.monitoring.evaluationInterval);
  const end = Math.floor(Date.now() / 1000);
  const start = end - toMilliseconds(service.slo.window) / 1000;
  for (const [metric, value] of [
    [RECORDED.events, 100],
    [RECORDED.badEvents, 0.05],
  ] as const) {
    file.write(`# TYPE ${metric.name} gauge\n`);
    for (const slo of OBJECTIVES) {
      const series = select(metric, { namespace: service.namespace, slo });
      let text = '';
      for (let time = start; time < end; time += step) {
        text += `${series} ${value} ${time}\n`;
        if (text.length < 1 << 20) continue;
        if (!file.write(text)) await once(file, 'drain');
        text = '';
      }
      file.write(text);
    }
  }
  file.end('# EOF\n');
  await once(file, 'finish');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
