import { formatValue, type FieldChange } from '../../diff/index.ts';
import type { Plan, PlannedChange } from '../../pulumi/deployer.ts';

type Change = PlannedChange['change'];

/** How each change is told, in the order in which it is. */
const WORDS: Readonly<Record<Change, { readonly verb: string; readonly done: string }>> = {
  create: { verb: 'creates', done: 'created' },
  update: { verb: 'changes', done: 'changed' },
  replace: { verb: 'replaces', done: 'replaced' },
  delete: { verb: 'deletes', done: 'deleted' },
  forget: { verb: 'leaves behind', done: 'left behind' },
};

/** Kinds with which data goes, and what is lost. */
const LOSSES: Readonly<Record<string, string>> = {
  Namespace: 'everything in it goes with it, with all volumes and what is stored on them',
  PersistentVolumeClaim: 'what is stored on its volume is lost',
  StatefulSet: 'its pods go; what they stored stays on their volumes until the namespace goes',
  Cluster: 'the databases in it go with it, with all that is stored there',
  Secret: 'the values that it holds are lost',
};

const DESTRUCTIVE: readonly Change[] = ['replace', 'delete'];

/** A plan in plain sentences, grouped by what happens and kind, what destroys data last and loudest. */
export function planInWords(environment: string, plan: Plan): readonly string[] {
  if (plan.changes.length === 0) return [`${environment} is as it should be: nothing to change`];
  const changes = Object.keys(WORDS) as Change[];
  const present = changes.filter((change) => plan.changes.some((each) => each.change === change));
  const counts = present.map((change) => `${count(plan, change)} ${WORDS[change].done}`);
  const rest = plan.unchanged === 0 ? '' : `; ${plan.unchanged} stay${plan.unchanged === 1 ? 's' : ''} as before`;
  return [
    `${environment}: ${counts.join(', ')}${rest}`,
    ...present.flatMap((change) => sentences(change, plan)),
    ...losses(plan).map((loss) => `  ! ${loss}`),
  ];
}

/** Every change of a plan that destroys data, in a sentence each. */
export function losses({ changes }: Plan): readonly string[] {
  return changes.flatMap(({ change, kind, name }) =>
    DESTRUCTIVE.includes(change) && kind in LOSSES
      ? [`${WORDS[change].verb} ${kind} ${name}: ${LOSSES[kind] ?? ''}`]
      : [],
  );
}

/** One change, when it is done. */
export function doneInWords(change: Change, kind: string, name: string): string {
  return `${WORDS[change].done} ${kind} ${name}`;
}

function sentences(change: Change, { changes }: Plan): readonly string[] {
  const { verb } = WORDS[change];
  const members = changes.filter((each) => each.change === change);
  if (change !== 'update' && change !== 'replace') {
    const kinds = [...Map.groupBy(members, ({ kind }) => kind)];
    return kinds.map(([kind, group]) => `  ${verb} ${kind} ${group.map(({ name }) => name).join(', ')}`);
  }
  return members.flatMap(({ kind, name, fields }) => [
    `  ${verb} ${kind} ${name}`,
    ...fields.map((field) => `    ${fieldInWords(kind, field)}`),
  ]);
}

function fieldInWords(kind: string, { change, path, left, right }: FieldChange): string {
  // Twice: whoever made the plan has left the values of a Secret out already.
  if (kind === 'Secret' || (left === undefined && right === undefined)) return `${path}: ${WORDS.update.done}`;
  if (change === 'added') return `${path}: ${formatValue(left)}, was not set`;
  return `${path}: ${change === 'removed' ? 'not set' : formatValue(left)}, was ${formatValue(right)}`;
}

function count({ changes }: Plan, change: Change): string {
  const { length } = changes.filter((each) => each.change === change);
  return `${length} object${length === 1 ? '' : 's'}`;
}
