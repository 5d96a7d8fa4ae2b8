import { ADDRESS_SECRETS, type KubernetesObject } from '../../synth/index.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** A Secret that pods cannot start without, or nobody be told, and its keys, as far as they are named. */
type Reference = { readonly by: string; readonly name: string; readonly keys: readonly string[] };

const SECRET = { apiVersion: 'v1', kind: 'Secret' };
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };

/** Every Secret that pods and routes of alerts name is made with them, or somebody has made it. */
export async function secrets({ objects, namespace, reader }: Candidate): Promise<readonly Obstacle[]> {
  const made = objects.filter(({ kind }) => kind === SECRET.kind).map(({ metadata }) => metadata.name);
  const named = objects.flatMap((object) =>
    referencesIn(object).map((reference) => ({ ...reference, by: `${object.kind} ${object.metadata.name}` })),
  );
  const wanted = [...Map.groupBy(named, ({ name }) => name)].filter(([name]) => !made.includes(name));
  const found = await Promise.all(wanted.map(([name]) => reader.find(SECRET, namespace, name)));
  const missing = wanted.filter((_, index) => found[index] === undefined);
  const lacking = wanted.flatMap(([name, references], index) => {
    const keys = lackingKeys(found[index], keysOf(references));
    return keys.length === 0 ? [] : [withoutKeys(name, references, keys, namespace)];
  });
  if (missing.length === 0) return lacking;
  const isNew = (await reader.find(NAMESPACE, undefined, namespace)) === undefined;
  return [...missing.map(([name, references]) => obstacle(name, references, namespace, isNew)), ...lacking];
}

/** Keys that a Secret does not have; none where its content is not shown. */
function lackingKeys(found: KubernetesObject | undefined, keys: readonly string[]): readonly string[] {
  const data = found?.data;
  if (typeof data !== 'object' || data === null) return [];
  return keys.filter((key) => !(key in data));
}

function withoutKeys(
  name: string,
  references: readonly Reference[],
  keys: readonly string[],
  namespace: string,
): Obstacle {
  const values = keys.map((key) => `"${key}":"..."`).join(',');
  return {
    problem: `${needing(references)} of the Secret '${name}' in '${namespace}' ${keys.join(' and ')}, which it does not have`,
    fix: `add what is missing: kubectl --namespace=${namespace} patch secret ${name} --patch '{"stringData":{${values}}}'`,
  };
}

function needing(references: readonly Reference[]): string {
  const by = [...new Set(references.map((reference) => reference.by))];
  return `${by.join(', ')} need${by.length === 1 ? 's' : ''}`;
}

function keysOf(references: readonly Reference[]): readonly string[] {
  return [...new Set(references.flatMap(({ keys }) => keys))].sort();
}

function obstacle(name: string, references: readonly Reference[], namespace: string, isNew: boolean): Obstacle {
  const keys = keysOf(references);
  const literals = keys.map((key) => ` --from-literal=${key}=...`).join('');
  const first = isNew ? `kubectl create namespace ${namespace} && ` : '';
  const byHand = `${first}kubectl --namespace=${namespace} create secret generic ${name}${literals}`;
  const settings = ADDRESS_SECRETS[name] ?? [];
  const bySetting = settings.map((key) => `pulumi config set --secret ${key}`).join(' && ');
  return {
    problem: `${needing(references)} the Secret '${name}', which the stack does not make and the namespace '${namespace}' does not have`,
    fix: settings.length > 0 ? `have it made: ${bySetting}; or make it: ${byHand}` : `make it: ${byHand}`,
  };
}

type Found = Omit<Reference, 'by'>;

/** What the fields of pods name; one that may be missing is left out. */
function referencesIn(value: unknown): readonly Found[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]: [string, unknown]) => {
    const read = FIELDS[field];
    const found = read && typeof inner === 'object' && inner !== null ? read(inner) : undefined;
    return found ?? referencesIn(inner);
  });
}

type Named = {
  readonly name?: string;
  readonly key?: string;
  readonly secretName?: string;
  readonly optional?: boolean;
  readonly items?: readonly { readonly key: string }[];
};

/** Fields of an AlertmanagerConfig. */
const SELECTORS = ['apiURL', 'authPassword', 'credentials', 'routingKey', 'urlSecret'];

/** How each field of a pod, or of what an operator reads, names a Secret. */
const FIELDS: Readonly<Record<string, (field: Named) => readonly Found[] | undefined>> = {
  secret: ({ name = '', secretName = name, items = [], optional }) =>
    of(secretName, optional, ...items.map(({ key }) => key)),
  secretKeyRef: ofKey,
  secretRef: ({ name = '', optional }) => of(name, optional),
  ...Object.fromEntries(SELECTORS.map((field) => [field, ofKey])),
};

function ofKey({ name = '', key, optional }: Named): readonly Found[] | undefined {
  return of(name, optional, ...(key === undefined ? [] : [key]));
}

function of(name: string, optional = false, ...keys: readonly string[]): readonly Found[] | undefined {
  return optional || name === '' ? undefined : [{ name, keys }];
}
