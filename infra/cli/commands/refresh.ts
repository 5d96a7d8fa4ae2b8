import { Command } from 'commander';
import type { EnvironmentName } from '../../../service/definition/index.ts';
import type { Drift, DriftedField } from '../../cluster/index.ts';
import { formatValue } from '../../diff/index.ts';
import { environmentOption, selectServices } from '../environments.ts';
import { EXIT } from '../errors.ts';
import { readCluster } from '../read-cluster.ts';

type Options = {
  readonly env: EnvironmentName;
  readonly expectNoChanges?: boolean;
  readonly set?: readonly string[];
  readonly json?: boolean;
};

/** `sluice refresh`: what somebody changed on the cluster since it was applied. */
export function refreshCommand(): Command {
  return new Command('refresh')
    .description('name each field that somebody changed on the cluster, with who did it and when')
    .addOption(environmentOption('which environment').makeOptionMandatory())
    .option('--expect-no-changes', 'end with 1 when there is drift')
    .option('--set <path=value...>', 'a value that the environment was deployed with; may be given several times')
    .option('--json', 'print the drift as JSON')
    .addHelpText(
      'after',
      `
Reads the cluster that KUBECONFIG means and changes nothing; needs no Pulumi. Who set a field comes from the object's
managedFields. What the autoscaler sets is no drift, and neither is what only waits for the next deploy.

Examples:
  $ sluice refresh --env prod --expect-no-changes
  $ sluice refresh --env staging --json`,
    )
    .action(async ({ env, expectNoChanges, set = [], json }: Options) => {
      const [service] = selectServices({ env, set });
      if (!service) return;
      const { objects, live } = await readCluster(service);
      const { findDrift } = await import('../../cluster/index.ts');
      const drift = findDrift(objects, live);
      process.stdout.write(json ? `${JSON.stringify({ env, ...drift }, undefined, 2)}\n` : asText(drift, env));
      process.exitCode = expectNoChanges && drift.drifted.length > 0 ? EXIT.failed : EXIT.done;
    });
}

function asText({ drifted, pending }: Drift, env: EnvironmentName): string {
  const lines = [
    drifted.length === 0 ? `${env} runs as it was applied: no drift` : `${env} has drifted in ${places(drifted)}`,
    ...drifted.map((field) => `  ${told(field)}`),
  ];
  if (pending.length > 0) {
    lines.push(`The definition is ahead of what was applied in ${places(pending)}; a deploy brings it there`);
    lines.push(...pending.map((field) => `  ${told(field)}`));
  }
  return `${lines.join('\n')}\n`;
}

function told({ kind, name, path, wanted, found, manager }: DriftedField): string {
  if (path === undefined) return `${kind} ${name}: is not there`;
  const who = manager ? ` by ${manager.name}${manager.time === undefined ? '' : ` at ${manager.time}`}` : '';
  const state =
    found === undefined
      ? `was removed, must be ${formatValue(wanted)}; last written`
      : `is ${formatValue(found)}, must be ${wanted === undefined ? 'absent' : formatValue(wanted)}; set`;
  return `${kind} ${name} ${path}: ${state}${who}`;
}

function places({ length }: readonly DriftedField[]): string {
  return `${length} place${length === 1 ? '' : 's'}`;
}
