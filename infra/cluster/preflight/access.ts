import type { KubernetesObject } from '../../synth/index.ts';
import type { ApiReader, ApiResource } from '../api-reader.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** What a deploy does with an object, in its first run and in later ones. */
const VERBS = ['get', 'create', 'patch', 'delete'] as const;

/** Questions in flight at once: the server answers each alone, and limits how many a client may ask. */
const AT_ONCE = 8;

type Missing = { readonly resource: ApiResource; readonly verbs: readonly string[] };

/** The user of the kubeconfig may do with each kind what a deploy does. */
export async function access({ objects, namespace, reader }: Candidate): Promise<readonly Obstacle[]> {
  const resources = await resourcesOf(objects, reader);
  const missing: Missing[] = [];
  for (let start = 0; start < resources.length; start += AT_ONCE / VERBS.length) {
    const batch = resources.slice(start, start + AT_ONCE / VERBS.length);
    missing.push(...(await Promise.all(batch.map((resource) => forbidden(reader, resource, namespace)))));
  }
  const lacking = missing.filter(({ verbs }) => verbs.length > 0);
  if (lacking.length === 0) return [];
  const told = lacking.map(({ resource, verbs }) => `${verbs.join(', ')} ${qualified(resource)}`).join('; ');
  return [
    {
      problem: `RBAC forbids this user in the namespace '${namespace}' to ${told}`,
      fix: `ask an administrator for\n${[true, false].flatMap((local) => role(lacking, namespace, local)).join('\n')}`,
    },
  ];
}

async function resourcesOf(objects: readonly KubernetesObject[], reader: ApiReader): Promise<readonly ApiResource[]> {
  const found = await Promise.all(objects.map((object) => reader.resource(object)));
  // A kind that is not served is told by another row.
  const known = found.filter((resource) => resource !== undefined);
  return [...new Map(known.map((resource) => [qualified(resource), resource])).values()];
}

async function forbidden(reader: ApiReader, resource: ApiResource, namespace: string): Promise<Missing> {
  const answers = await Promise.all(VERBS.map((verb) => reader.mayI(verb, resource, namespace)));
  return { resource, verbs: VERBS.filter((_, index) => !answers[index]) };
}

/** A Role (or, for what lies in no namespace, a ClusterRole) that grants what is missing, as YAML. */
function role(missing: readonly Missing[], namespace: string, local: boolean): readonly string[] {
  const rows = missing.filter(({ resource }) => resource.namespaced === local);
  if (rows.length === 0) return [];
  return [
    `      ${local ? `Role in ${namespace}` : 'ClusterRole'}, rules:`,
    ...rows.map(
      ({ resource: { group, name }, verbs }) =>
        `        - { apiGroups: ["${group}"], resources: [${name}], verbs: [${verbs.join(', ')}] }`,
    ),
  ];
}

function qualified({ group, name }: ApiResource): string {
  return group === '' ? name : `${name}.${group}`;
}
