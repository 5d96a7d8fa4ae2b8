import { quarantineObjects } from '../../infra/pulumi/platform/quarantine.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import { kubectl } from './kubectl.ts';

/**
 * One that matches nothing, and stays: once no binding of a cluster names a kind of Kubernetes' own for its parameters,
 * an API server finds none of that kind any more until it is started again
 * (https://github.com/kubernetes/kubernetes/issues/130887).
 */
const STAYS = quarantineObjects('sluice-test-stays').map((object): KubernetesObject =>
  object.kind === 'ValidatingAdmissionPolicy'
    ? { ...object, spec: { ...(object.spec as object), matchConditions: [{ name: 'never', expression: 'false' }] } }
    : object,
);

/** Has the API server refuse quarantined releases, as the platform of a cluster does. */
export async function addQuarantinePolicies(name: string): Promise<void> {
  await kubectl('default', ['apply', '--server-side', '-f', '-'], lines([...STAYS, ...quarantineObjects(name)]));
}

/** Takes them away again. */
export async function removeQuarantinePolicies(name: string): Promise<void> {
  const args = ['delete', '--wait=false', '--ignore-not-found', '-f', '-'];
  await kubectl('default', args, lines(quarantineObjects(name)));
}

function lines(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n');
}
