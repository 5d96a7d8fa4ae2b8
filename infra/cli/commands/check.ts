import { styleText } from 'node:util';
import { Command } from 'commander';
import { definition, nearest, type Service } from '../../../service/definition/index.ts';
import {
  checkService,
  explain,
  formatFindings,
  INVARIANTS,
  type Finding,
  type FindingStyle,
} from '../../invariants/index.ts';
import { dryRunFindings, findDryRun, formatDryRun, type DryRun } from '../../dry-run.ts';
import { dropped, formatDropped, type Dropped } from '../../dropped.ts';
import { EXIT, UsageError } from '../errors.ts';
import { selectServices, withEnvironmentOptions, type EnvironmentOptions } from '../environments.ts';
import { formatExplanation } from '../format-explanation.ts';

type Options = EnvironmentOptions & { readonly json?: boolean; readonly explain?: string };

type Checked = {
  readonly environment: Service['environment'];
  readonly service: Service;
  readonly findings: readonly Finding[];
  readonly dropped: readonly Dropped[];
  readonly dryRun?: DryRun;
  /** What the calendar brought, beside what the invariants say. */
  readonly overdue?: readonly Finding[];
};

const ADVICE = 'A value is tried with --set, and kept by writing it into service/definition/service.ts.';

// Coloured on a terminal only, and not with NO_COLOR: styleText asks the stream.
const STYLE: FindingStyle = {
  rule: (text) => styleText(['bold', 'red'], text, { stream: process.stdout }),
  fix: (text) => styleText('green', text, { stream: process.stdout }),
};

/** `sluice check`: every invariant in every environment. */
export function checkCommand(): Command {
  return withEnvironmentOptions(new Command('check'))
    .description('check the rules that join the layers: pools, timeouts, memory, alerts and what they name')
    .option('--json', 'print the result as JSON')
    .option('--explain <invariant>', 'tell one invariant at length: why, its formula, the numbers now, an example')
    .addHelpText(
      'after',
      `
Examples:
  $ sluice check
  $ sluice check --env prod --set datastores.postgres.maxConnections=20 --json
  $ sluice check --explain drain-ladder --env prod`,
    )
    .action(({ json, explain: id, ...options }: Options) => {
      const services = selectServices(options);
      if (id !== undefined) {
        printExplanation(id, services, json);
        return;
      }
      const results = services.map((service) => checked(service, new Date()));
      if (json) printJson(results);
      else printText(results);
      process.exitCode = results.some(({ findings, overdue }) => overdue !== undefined || findings.length > 0)
        ? EXIT.failed
        : EXIT.done;
    });
}

function checked(service: Service, now: Date): Checked {
  const dryRun = findDryRun(service, now);
  const overdue = dryRunFindings(service, now);
  return {
    environment: service.environment,
    service,
    findings: checkService(service),
    dropped: dropped(service),
    ...(dryRun && { dryRun }),
    ...(overdue.length > 0 && { overdue }),
  };
}

function printExplanation(id: string, services: readonly Service[], json = false): void {
  const rule = INVARIANTS.find((row) => row.id === id);
  if (!rule) {
    const ids = INVARIANTS.map((row) => row.id);
    throw new UsageError(`there is no invariant '${id}'; ${nearest(id, ids) ?? `known are ${ids.join(', ')}`}`);
  }
  // An example shows what prod would meet; of one environment alone, what that would.
  const [only, ...others] = services;
  const explanation = explain(
    rule,
    services,
    only && others.length === 0 ? definition[only.environment] : definition.prod,
  );
  process.stdout.write(json ? `${JSON.stringify(explanation, undefined, 2)}\n` : formatExplanation(explanation));
}

function printJson(results: readonly Checked[]): void {
  const environments = results.map(({ service: _, ...result }) => ({ ...result, ...counts(result) }));
  process.stdout.write(`${JSON.stringify({ environments }, undefined, 2)}\n`);
}

function printText(results: readonly Checked[]): void {
  const width = Math.max(...results.map(({ environment }) => environment.length));
  for (const result of results) {
    const { invariants, holding } = counts(result);
    const colour = holding === invariants ? 'green' : 'red';
    const count = styleText(colour, `${holding} of ${invariants}`, { stream: process.stdout });
    process.stdout.write(`${result.environment.padEnd(width)}  ${count} invariants hold\n`);
    if (result.dryRun) process.stdout.write(`${' '.repeat(width)}  ${formatDryRun(result.dryRun)}\n`);
    for (const gone of result.dropped)
      process.stdout.write(`${' '.repeat(width)}  ${formatDropped(gone, result.service)}\n`);
  }
  const findings = results.flatMap(({ findings: broken, overdue = [] }) => [...broken, ...overdue]);
  for (const block of formatFindings(findings, STYLE)) process.stdout.write(`\n${block}\n`);
  if (findings.some(({ fixes }) => fixes.some((fix) => 'settings' in fix))) process.stdout.write(`\n${ADVICE}\n`);
}

function counts({ findings }: Pick<Checked, 'findings'>): { invariants: number; holding: number } {
  return { invariants: INVARIANTS.length, holding: INVARIANTS.length - new Set(findings.map(({ rule }) => rule)).size };
}
