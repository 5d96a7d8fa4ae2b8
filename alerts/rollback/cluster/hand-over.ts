import type { Act } from '../act.ts';
import { GATEWAY } from '../release-of.ts';
import { requireReading, type ActContext } from './act-context.ts';
import { FIELD_MANAGER, patchAsRead } from './changes.ts';
import { ClusterError } from './errors.ts';
import type { LiveObject, ManagedFields } from './live-object.ts';
import { joined, latestEntry, templateEntries, valueAt, type Fields } from './managed-fields.ts';
import { readDeployment } from './reading.ts';
import { hashOf, templateOf } from './template.ts';

/** The same fields, by whether they lead to something in a template. */
type Parted = { readonly known: Fields; readonly added: Fields };

// While pods are being replaced the Deployment's controller reports on it all the time.
const ATTEMPTS = 5;

/**
 * Gives the fields that a restore has added to the template of the withdrawn revision to whoever applied that one: the
 * guard would own them alone, and no apply of a later release would take them away. Those that it has changed stay its
 * own, since they tell that it has moved the gateway; the next apply takes them over. Nothing is changed where nothing
 * was added, nobody has applied, or the withdrawn ReplicaSet is gone. Throws a ClusterError when it may not be done, or
 * others keep writing.
 */
export async function handOver(context: ActContext, { of }: Act & { readonly kind: 'hand-over' }): Promise<void> {
  const { connection, paths } = context;
  const { deployment, replicaSets } = requireReading(context);
  const withdrawn = replicaSets.find((set) => hashOf(set) === of);
  let there: LiveObject | undefined = deployment;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const entries = there && withdrawn && handedOver(there, withdrawn);
    if (!there || !entries) return;
    const step = { op: 'replace', path: '/metadata/managedFields', value: entries } as const;
    if (await patchAsRead(connection, `${paths.deployments}/${GATEWAY}`, there, [step])) return;
    there = await readDeployment(connection, paths);
  }
  throw new ClusterError(
    'failed',
    `the Deployment ${GATEWAY} is changed by others all the time; it will be tried again`,
  );
}

/**
 * Who owns which fields of a Deployment once the guard has handed over what the template of a withdrawn ReplicaSet did
 * not have; undefined where it is as it should be. What has only added hands over nothing: nobody could tell any more
 * that it was there.
 */
export function handedOver(deployment: LiveObject, withdrawn: LiveObject): readonly ManagedFields[] | undefined {
  const entries = templateEntries(deployment);
  const ours = entries.find(({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Update');
  const applied = latestEntry(entries.filter(({ operation }) => operation === 'Apply'));
  if (!ours || !applied) return undefined;
  const { known, added } = parted(templateFields(ours), templateOf(withdrawn));
  if (isEmpty(known) || isEmpty(added)) return undefined;
  const changed = new Map([
    [ours, withTemplateFields(ours, known)],
    [applied, withTemplateFields(applied, joined(templateFields(applied), added))],
  ]);
  return (deployment.metadata.managedFields ?? []).map((entry) => changed.get(entry) ?? entry);
}

/** An addition goes as a whole, with the `.` by which a list's item or a map is owned itself. */
function parted(fields: Fields, value: unknown): Parted {
  const known: Record<string, unknown> = {};
  const added: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(fields)) {
    const found = key === '.' ? value : (valueAt(key, value) ?? undefined);
    if (found === undefined) added[key] = inner;
    else if (isEmpty(inner as Fields)) known[key] = inner;
    else {
      const below = parted(inner as Fields, found);
      if (!isEmpty(below.known)) known[key] = below.known;
      if (!isEmpty(below.added)) added[key] = below.added;
    }
  }
  return { known, added };
}

function templateFields({ fieldsV1 }: ManagedFields): Fields {
  return (fieldsV1 as { readonly 'f:spec': { readonly 'f:template': Fields } })['f:spec']['f:template'];
}

function withTemplateFields(entry: ManagedFields, template: Fields): ManagedFields {
  const { 'f:spec': spec, ...rest } = entry.fieldsV1 as { readonly 'f:spec': Fields };
  return { ...entry, fieldsV1: { ...rest, 'f:spec': { ...spec, 'f:template': template } } };
}

function isEmpty(fields: Fields): boolean {
  return Object.keys(fields).length === 0;
}
