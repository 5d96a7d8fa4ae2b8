import { styleText } from 'node:util';
import { Command, Option } from 'commander';
import { ENVIRONMENTS, type EnvironmentName, type Service } from '../../../service/definition/index.ts';
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
import { environmentOption, selectServices } from '../environments.ts';
import { EXIT } from '../errors.ts';
import { readCluster } from '../read-cluster.ts';

type Other = EnvironmentName | 'cluster';

type Options = {
  readonly env: EnvironmentName;
  readonly against: Other;
  readonly set?: readonly string[];
  readonly json?: boolean;
  readonly exitCode?: boolean;
};

/** What differs; a cluster has objects only. */
type Differences = { readonly values?: readonly ValueGroup[]; readonly objects: readonly ObjectChange[] };

/** `sluice diff`: what differs between two environments, or between one and what runs. */
export function diffCommand(): Command {
  return new Command('diff')
    .description('tell what differs between two environments, or between one and what runs on the cluster')
    .addOption(environmentOption('which environment').makeOptionMandatory())
    .addOption(
      new Option('--against <other>', 'beside what: an environment, or what runs')
        .choices([...ENVIRONMENTS, 'cluster'])
        .makeOptionMandatory(),
    )
    .option('--set <path=value...>', 'try a value of --env without an edit; may be given several times')
    .option('--json', 'print the differences as JSON')
    .option('--exit-code', 'end with 1 when there are differences')
    .addHelpText(
      'after',
      `
What runs is read from the cluster that KUBECONFIG means, in the namespace of the environment. Only fields that the
definition sets are compared: what the server fills in, and what the autoscaler sets, is no difference.

Examples:
  $ sluice diff --env staging --against prod
  $ sluice diff --env prod --set scaling.max=8 --against prod
  $ sluice diff --env prod --against cluster --exit-code`,
    )
    .action(async ({ env, against, set = [], json, exitCode }: Options) => {
      const [service] = selectServices({ env, set });
      if (!service) return;
      const sides = sidesOf(env, against, set);
      const differences = await differencesOf(service, against);
      process.stdout.write(json ? asJson(differences, sides) : asText(differences, sides));
      process.exitCode = exitCode && count(differences) > 0 ? EXIT.failed : EXIT.done;
    });
}

function sidesOf(env: EnvironmentName, against: Other, set: readonly string[]): Sides {
  return { left: env === against && set.length > 0 ? `${env} as set` : env, right: against };
}

async function differencesOf(service: Service, against: Other): Promise<Differences> {
  if (against === 'cluster') {
    const { objects, live } = await readCluster(service);
    const { liveChanges } = await import('../../cluster/index.ts');
    return { objects: liveChanges(objects, live) };
  }
  const [other] = selectServices({ env: against });
  if (!other) return { objects: [] };
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
