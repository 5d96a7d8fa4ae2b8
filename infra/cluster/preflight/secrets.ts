import { ADDRESS_SECRETS } from '../../synth/index.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** A Secret that pods cannot start without, and its keys, as far as they are named. */
type Reference = { readonly by: string; readonly name: string; readonly keys: readonly string[] };

const SECRET = { apiVersion: 'v1', kind: 'Secret' };
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };

/** Every Secret that pods name is made with them, or somebody has made it. */
export async function secrets({ objects, namespace, reader }: Candidate): Promise<readonly Obstacle[]> {
  const made = objects.filter(({ kind }) => kind === SECRET.kind).map(({ metadata }) => metadata.name);
  const named = objects.flatMap((object) =>
    referencesIn(object).map((reference) => ({ ...reference, by: `${object.kind} ${object.metadata.name}` })),
  );
  const wanted = [...Map.groupBy(named, ({ name }) => name)].filter(([name]) => !made.includes(name));
  const found = await Promise.all(wanted.map(([name]) => reader.find(SECRET, namespace, name)));
  const missing = wanted.filter((_, index) => found[index] === undefined);
  if (missing.length === 0) return [];
  const isNew = (await reader.find(NAMESPACE, undefined, namespace)) === undefined;
  return missing.map(([name, references]) => obstacle(name, references, namespace, isNew));
}

function obstacle(name: string, references: readonly Reference[], namespace: string, isNew: boolean): Obstacle {
  const by = [...new Set(references.map((reference) => reference.by))];
  const keys = [...new Set(references.flatMap((reference) => reference.keys))].sort();
  const literals = keys.map((key) => ` --from-literal=${key}=...`).join('');
  const first = isNew ? `kubectl create namespace ${namespace} && ` : '';
  const byHand = `${first}kubectl --namespace=${namespace} create secret generic ${name}${literals}`;
  const settings = ADDRESS_SECRETS[name] ?? [];
  const bySetting = settings.map((key) => `pulumi config set --secret ${key}`).join(' && ');
  return {
    problem: `${by.join(', ')} need${by.length === 1 ? 's' : ''} the Secret '${name}', which the stack does not make and the namespace '${namespace}' does not have`,
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

/** How each field of a pod names a Secret. */
const FIELDS: Readonly<Record<string, (field: Named) => readonly Found[] | undefined>> = {
  secret: ({ name = '', secretName = name, items = [], optional }) =>
    of(secretName, optional, ...items.map(({ key }) => key)),
  secretKeyRef: ({ name = '', key, optional }) => of(name, optional, ...(key === undefined ? [] : [key])),
  secretRef: ({ name = '', optional }) => of(name, optional),
};

function of(name: string, optional = false, ...keys: readonly string[]): readonly Found[] | undefined {
  return optional || name === '' ? undefined : [{ name, keys }];
}
