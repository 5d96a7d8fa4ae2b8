import { styleText } from 'node:util';
import { Command } from 'commander';
import type { Service } from '../../../service/definition/index.ts';
import { checkService, formatFindings, INVARIANTS, type Finding, type FindingStyle } from '../../invariants/index.ts';
import { EXIT } from '../errors.ts';
import { selectServices, withEnvironmentOptions, type EnvironmentOptions } from '../environments.ts';

type Checked = { readonly environment: Service['environment']; readonly findings: readonly Finding[] };

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
    .addHelpText(
      'after',
      `
Examples:
  $ sluice check
  $ sluice check --env prod --set datastores.postgres.maxConnections=20 --json`,
    )
    .action(({ json, ...options }: EnvironmentOptions & { json?: boolean }) => {
      const results = selectServices(options).map((service) => ({
        environment: service.environment,
        findings: checkService(service),
      }));
      if (json) printJson(results);
      else printText(results);
      process.exitCode = results.some(({ findings }) => findings.length > 0) ? EXIT.failed : EXIT.done;
    });
}

function printJson(results: readonly Checked[]): void {
  const environments = results.map((result) => ({ ...result, ...counts(result) }));
  process.stdout.write(`${JSON.stringify({ environments }, undefined, 2)}\n`);
}

function printText(results: readonly Checked[]): void {
  const width = Math.max(...results.map(({ environment }) => environment.length));
  for (const result of results) {
    const { invariants, holding } = counts(result);
    const colour = holding === invariants ? 'green' : 'red';
    const count = styleText(colour, `${holding} of ${invariants}`, { stream: process.stdout });
    process.stdout.write(`${result.environment.padEnd(width)}  ${count} invariants hold\n`);
  }
  const findings = results.flatMap((result) => result.findings);
  for (const block of formatFindings(findings, STYLE)) process.stdout.write(`\n${block}\n`);
  if (findings.some(({ fixes }) => fixes.some((fix) => 'settings' in fix))) process.stdout.write(`\n${ADVICE}\n`);
}

function counts({ findings }: Checked): { invariants: number; holding: number } {
  return { invariants: INVARIANTS.length, holding: INVARIANTS.length - new Set(findings.map(({ rule }) => rule)).size };
}
