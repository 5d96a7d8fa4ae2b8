import { styleText } from 'node:util';
import { Command, Option } from 'commander';
import { ENVIRONMENTS, type EnvironmentName } from '../../../service/definition/index.ts';
import { checkedSynthesis } from '../../checked-synthesis.ts';
import {
  definitionChanges,
  formatField,
  formatObject,
  objectChanges,
  type FieldChange,
  type ObjectChange,
  type Sides,
  type ValueGroup,
} from '../../diff/index.ts';
import { findDeployer } from '../deploy/desk.ts';
import { withClusterOptions, type ClusterOptions } from '../deploy/options.ts';
import { readCluster } from '../deploy/read-cluster.ts';
import { selectServices } from '../environments.ts';
import { EXIT, UsageError } from '../errors.ts';

type Other = EnvironmentName | 'cluster';

type Options = ClusterOptions & { readonly against: Other; readonly exitCode?: boolean };

/** What differs; a cluster has objects only. */
type Differences = { readonly values?: readonly ValueGroup[]; readonly objects: readonly ObjectChange[] };

/** `sluice diff`: what differs between two environments, or between one and what runs. */
export function diffCommand(): Command {
  return withClusterOptions(new Command('diff'))
    .description('tell what differs between two environments, or between one and what runs on the cluster')
    .addOption(
      new Option('--against <other>', 'beside what: an environment, or what runs')
        .choices([...ENVIRONMENTS, 'cluster'])
        .makeOptionMandatory(),
    )
    .option('--exit-code', 'end with 1 when there are differences')
    .addHelpText(
      'after',
      `
What runs is read from the cluster of the environment, in its namespace, and compared with what a deploy would bring
there: the values of Pulumi.ENV.yaml count. Only fields that the definition sets are compared: what the server fills in,
and what the autoscaler sets, is no difference. Two environments are compared as they are defined, and --set is of --env.

Examples:
  $ sluice diff --env staging --against prod
  $ sluice diff --env prod --set scaling.max=5 --against prod
  $ sluice diff --env prod --against cluster --exit-code`,
    )
    .action(async (options: Options) => {
      const { env, against, set = [], json, exitCode } = options;
      const sides = sidesOf(env, against, set);
      const differences = await (against === 'cluster' ? fromCluster(options) : fromDefinition(options, against));
      process.stdout.write(json ? asJson(differences, sides) : asText(differences, sides));
      process.exitCode = exitCode && count(differences) > 0 ? EXIT.failed : EXIT.done;
    });
}

function sidesOf(env: EnvironmentName, against: Other, set: readonly string[]): Sides {
  return { left: env === against && set.length > 0 ? `${env} as set` : env, right: against };
}

async function fromCluster(options: Options): Promise<Differences> {
  const { objects, live } = await readCluster(options, { deployer: findDeployer });
  const { liveChanges } = await import('../../cluster/index.ts');
  return { objects: liveChanges(objects, live) };
}

function fromDefinition({ env, set = [], kubeconfig, context }: Options, against: EnvironmentName): Differences {
  if (kubeconfig !== undefined || context !== undefined) {
    throw new UsageError('--kubeconfig and --context say which cluster is meant; compare with it by --against cluster');
  }
  const [service] = selectServices({ env, set });
  const [other] = selectServices({ env: against });
  if (!service || !other) return { objects: [] };
  return {
    values: definitionChanges(service, other),
    objects: objectChanges(checkedSynthesis(service).manifests, checkedSynthesis(other).manifests),
  };
}

function asText({ values, objects }: Differences, sides: Sides): string {
  const lines: string[] = [];
  if (values) {
    const total = values.reduce((sum, group) => sum + group.values.length, 0);
    lines.push(heading(`${counted(total, 'value')} of the definition differ${total === 1 ? 's' : ''}`));
    for (const group of values) {
      lines.push(`  ${group.part}`, ...group.values.map((value) => `    ${formatField(value, sides)}`));
    }
  }
  lines.push(heading(`${counted(objects.length, 'object')} differ${objects.length === 1 ? 's' : ''}`));
  for (const object of objects) lines.push(...formatObject(object, sides).map((line) => `  ${line}`));
  return `${lines.join('\n')}\n`;
}

function asJson({ values, objects }: Differences, sides: Sides): string {
  const document = {
    env: sides.left,
    against: sides.right,
    ...(values && { values: values.flatMap((group) => group.values.map(stated)) }),
    objects: objects.map((object) => ({ ...object, fields: object.fields.map(stated) })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A field with both of its values, null where a side does not have it: JSON that a script can rely on. */
function stated({ change, path, left, right }: FieldChange): Record<string, unknown> {
  return { change, path, env: left ?? null, against: right ?? null };
}

function count({ values = [], objects }: Differences): number {
  return values.length + objects.length;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function heading(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}
