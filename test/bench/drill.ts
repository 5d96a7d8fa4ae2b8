import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EXPERIMENTS } from '../../chaos/index.ts';
import { readRun, type Run } from '../../chaos/report/index.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { startFile, type Contestant } from './contestants/contestant.ts';
import { startPeer, withHelper } from './contestants/peers.ts';
import { CLOSED_LOOP_PROGRAMS } from './load/closed-loop.ts';
import { medianLatency } from './load/open-loop.ts';
import { canMeasure, median, PROJECT, shuffled, type Measure } from './measure.ts';
import { race, ratio } from './race.ts';

const DRILLED = EXPERIMENTS.filter(({ means }) => means.local).map(({ id }) => id);
const REPETITIONS = 5;
const OPEN_LOOP_RATE = 500;
const DRILL_LIMIT_MS = 240_000;
const SERVERS = ['redis-server', 'prometheus', 'prometheus-alertmanager'];

/**
 * How soon a fault is noticed, told and over with, per link of the chain, at the quick pace, whose rules are twenty times
 * as fast; how a rollback does, the group `release` measures. Also what the fault proxy costs, and how soon nothing is
 * left of a drill that was killed.
 */
export async function measureDrill(rounds: number): Promise<readonly Measure[]> {
  const cost = canMeasure('the fault proxy', CLOSED_LOOP_PROGRAMS) ? await measureProxy(rounds) : [];
  if (!canMeasure('drills', SERVERS)) return cost;
  const runs: Run[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++)
    for (const experiment of shuffled(DRILLED)) runs.push(await drill(experiment));
  const left: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) left.push(await killed());
  return [
    ...cost,
    {
      name: `quick drills that passed, of ${runs.length}`,
      value: runs.filter(({ verdict }) => verdict === 'passed').length,
      unit: 'runs',
      hold: `≥ ${runs.length}`,
    },
    ...DRILLED.flatMap((id) => linksOf(runs.filter(({ experiment }) => experiment === id))),
    {
      name: 'kill -9 of a drill until nothing of it is left',
      value: median(left),
      worst: Math.max(...left),
      unit: 's',
      hold: '≤ 10',
    },
  ];
}

/** The median and the worst time of each link of an experiment, over the runs in which it happened. */
function linksOf(runs: readonly Run[]): readonly Measure[] {
  const links = runs.flatMap(({ experiment, timeline }) =>
    timeline.flatMap(({ id, at, from }) =>
      at === undefined ? [] : [{ name: `${experiment}, quick: ${id}`, seconds: (at - from) / 1000 }],
    ),
  );
  return [...Map.groupBy(links, ({ name }) => name)].map(([name, times]) => {
    const seconds = times.map((time) => time.seconds);
    return { name, value: median(seconds), worst: Math.max(...seconds), unit: 's' };
  });
}

/** What a request costs that passes the fault proxy while it has no fault. */
async function measureProxy(rounds: number): Promise<readonly Measure[]> {
  const proxied = (protocol: 'tcp' | 'http') => async (): Promise<Contestant> =>
    withHelper(await startPeer('node-http'), async ({ url }) => {
      const { host, hostname, port, pathname, search } = new URL(url);
      const own = await findFreePort();
      const settings = {
        control: { host: '127.0.0.1', port: 0 },
        proxies: [
          {
            name: 'upstream',
            listen: { host: '127.0.0.1', port: own },
            target: { host: hostname, port: Number(port) },
            protocol,
          },
        ],
      };
      const address = url.replace(host + pathname + search, `127.0.0.1:${own}${pathname}${search}`);
      return startFile('chaos/faults/main.ts', address, { FAULT_PROXY: JSON.stringify(settings) });
    });
  const times = await race(
    rounds,
    { direct: () => startPeer('node-http'), tcp: proxied('tcp'), http: proxied('http') },
    (contestant) => medianLatency(contestant, OPEN_LOOP_RATE),
  );
  return (['tcp', 'http'] as const).flatMap((protocol): readonly Measure[] => [
    {
      name: `p50 through an idle fault proxy (${protocol}) vs without, open loop of ${OPEN_LOOP_RATE}/s`,
      value: ratio(times, protocol, 'direct'),
      unit: 'ratio',
    },
    {
      name: `the same (${protocol}), added`,
      value: median(times[protocol]) - median(times.direct),
      unit: 'ms',
    },
  ]);
}

/** One drill, in a process of its own. Rejects where it leaves no report. */
async function drill(experiment: string): Promise<Run> {
  const out = mkdtempSync(join(tmpdir(), 'sluice-bench-drill-'));
  try {
    const child = startDrill(experiment, out);
    const limit = setTimeout(() => child.kill('SIGINT'), DRILL_LIMIT_MS);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    clearTimeout(limit);
    const [folder = ''] = readdirSync(out).filter((name) => existsSync(join(out, name, 'report.json')));
    if (folder === '') throw new Error(`the drill ${experiment} ended with ${String(code)} and left no report`);
    const run = readRun(join(out, folder));
    process.stderr.write(`  ${experiment}: ${run.verdict}: ${run.reason}\n`);
    return run;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Kills a drill in the middle of its fault; gives the seconds until none of the programs that it began is left. */
async function killed(): Promise<number> {
  const out = mkdtempSync(join(tmpdir(), 'sluice-bench-drill-'));
  try {
    const child = startDrill('redis-frozen', out);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const record = await untilInjected();
    const killedAt = performance.now();
    child.kill('SIGKILL');
    await ended;
    while (record.some(({ pid }) => existsSync(`/proc/${pid}`))) {
      if (performance.now() - killedAt > DRILL_LIMIT_MS)
        throw new Error('something is left of a drill that was killed');
      await wait(20);
    }
    return (performance.now() - killedAt) / 1000;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

type Process = { readonly pid: number };

/** What the drill has written down of its stand once its fault is there. */
async function untilInjected(): Promise<readonly Process[]> {
  const deadline = performance.now() + DRILL_LIMIT_MS;
  const file = join(PROJECT, '.sluice/drill/stand.json');
  while (performance.now() < deadline) {
    const record = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as { readonly fault?: string; readonly processes: readonly Process[] })
      : undefined;
    if (record?.fault !== undefined) return record.processes;
    await wait(50);
  }
  throw new Error('the drill has injected nothing');
}

function startDrill(experiment: string, out: string) {
  const args = ['infra/cli/sluice.js', 'drill', '--experiment', experiment, '--quick', '--out', out];
  return spawn(process.execPath, args, { cwd: PROJECT, stdio: 'ignore' });
}
