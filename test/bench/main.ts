import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { measureAi } from './ai.ts';
import { measureColdStart } from './cold-start.ts';
import { measureDeploy } from './deploy.ts';
import { measureDistributed } from './distributed.ts';
import { measureDrill } from './drill.ts';
import { measureFast } from './fast.ts';
import { measureForecast } from './forecast.ts';
import { measureHits } from './hits.ts';
import { measureLive } from './live.ts';
import { holds, PROJECT, type Measure } from './measure.ts';
import { measureObservability } from './observability.ts';
import { measureOverload } from './overload.ts';
import { measurePassThrough } from './pass-through.ts';
import { measureProcesses } from './processes.ts';
import { measureRelease } from './release.ts';
import { measureRules } from './rules.ts';
import { measureStart, measureSynthesis } from './start.ts';

/**
 * What can be measured, by the name that selects it: `npm run bench -- hits`, or `-- --only hits`; without names,
 * everything.
 */
const GROUPS: Readonly<Record<string, (rounds: number) => Promise<readonly Measure[]>>> = {
  start: async (rounds) => [
    ...measureSynthesis(rounds),
    ...(await measureStart(rounds)),
    ...(await measureColdStart(rounds)),
  ],
  deploy: measureDeploy,
  hits: measureHits,
  fast: measureFast,
  distributed: measureDistributed,
  proxy: measurePassThrough,
  processes: measureProcesses,
  observability: measureObservability,
  rules: measureRules,
  forecast: measureForecast,
  overload: measureOverload,
  live: measureLive,
  release: measureRelease,
  drill: measureDrill,
  ai: measureAi,
};

const ROUNDS = 5;
const RESULTS = `${PROJECT}test/bench/results/gateway.json`;
const machine = {
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
};

const wanted = readWanted();
const unknown = wanted.find((name) => !(name in GROUPS));
if (unknown !== undefined) {
  process.stderr.write(`There is no group '${unknown}'; there are ${Object.keys(GROUPS).join(', ')}\n`);
  process.exit(2);
}
process.stderr.write(`measuring on ${machine.cores} x ${machine.cpu}, Node ${machine.node}\n`);
/** Of each group what it measured, and on which machine: groups are not always measured together. */
type Groups = Record<string, { readonly machine: typeof machine; readonly measures: readonly Measure[] }>;
const known = existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as { groups?: Groups }) : {};
const groups: Groups = { ...known.groups };
const shown = (value: number): string => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3));
for (const [name, measure] of Object.entries(GROUPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} ...\n`);
  const measures = await measure(ROUNDS);
  for (const row of measures) print(row);
  if (measures.length > 0) groups[name] = { machine, measures };
}
writeFileSync(RESULTS, `${JSON.stringify({ rounds: ROUNDS, groups }, null, 2)}\n`);

/** The groups that the command line names; ends the program when it says anything else. */
function readWanted(): readonly string[] {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { only: { type: 'string', multiple: true, default: [] } },
    });
    return [...positionals, ...values.only];
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

function print({ name, value, worst, unit, hold, aim }: Measure): void {
  const bounds = hold === undefined ? '' : `hold ${hold}${aim === undefined ? '' : `, aim ${aim}`}`;
  const verdict = hold === undefined ? '' : holds(worst ?? value, hold) ? 'holds' : 'FALLS SHORT';
  const most = worst === undefined ? '' : `, worst ${shown(worst)}`;
  process.stdout.write(
    `${name.padEnd(66)} ${shown(value).padStart(8)} ${`${unit}${most}`.padEnd(6)} ${bounds.padEnd(24)} ${verdict}\n`,
  );
}
