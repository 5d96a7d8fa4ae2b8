import { Command } from 'commander';
import type { EnvironmentName } from '../../../service/definition/index.ts';
import type { Drift, DriftedField } from '../../cluster/index.ts';
import { formatValue } from '../../diff/index.ts';
import { processDesk, type Desk } from '../deploy/desk.ts';
import { withConfirmation, withDeployOptions, type DeployOptions } from '../deploy/options.ts';
import { refreshState } from '../deploy/refresh.ts';
import { selectServices } from '../environments.ts';
import { EXIT } from '../errors.ts';
import { readCluster } from '../read-cluster.ts';

type Options = DeployOptions & { readonly expectNoChanges?: boolean };

/** `sluice refresh`: what somebody changed on the cluster since it was applied, and Pulumi's state with it. */
export function refreshCommand(): Command {
  return withConfirmation(withDeployOptions(new Command('refresh')))
    .description('name each field that somebody changed on the cluster, then bring it into the state of Pulumi')
    .option('--expect-no-changes', 'name it and leave the state alone; end with 1 when there is drift')
    .addHelpText(
      'after',
      `
Who set a field comes from the object's managedFields. What the autoscaler sets is no drift, and neither is what only
waits for the next deploy. With --expect-no-changes nothing is changed and no Pulumi is needed; without it, Pulumi takes
what runs as what was deployed last, so that the next 'sluice up' puts right what differs from the definition.

Examples:
  $ sluice refresh --env prod --expect-no-changes
  $ sluice refresh --env staging --yes`,
    )
    .action(async ({ expectNoChanges, ...options }: Options) => {
      const desk = processDesk();
      process.exitCode = expectNoChanges
        ? await nameDrift(options, desk)
        : await refreshState(options, desk, ({ env }, drift) => asText(drift, env));
    });
}

async function nameDrift({ env, set = [], json, kubeconfig, context }: DeployOptions, desk: Desk): Promise<number> {
  const [service] = selectServices({ env, set });
  if (!service) return EXIT.usage;
  const { objects, live } = await readCluster(service, {
    ...(kubeconfig !== undefined && { file: kubeconfig }),
    ...(context !== undefined && { context }),
  });
  const { findDrift } = await import('../../cluster/index.ts');
  const drift = findDrift(objects, live);
  desk.out(json ? `${JSON.stringify({ env, ...drift }, undefined, 2)}\n` : asText(drift, env));
  return drift.drifted.length > 0 ? EXIT.failed : EXIT.done;
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
