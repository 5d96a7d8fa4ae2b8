import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { App } from 'cdk8s';
import { IngressLayer } from '../../infra/charts/index.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import { parseService } from '../../service/definition/index.ts';
import { ALB_TIMES, ingressed, INGRESS } from '../definition/ingressed.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl } from './kubectl.ts';

const NAMESPACE = `sluice-test-${randomBytes(4).toString('hex')}`;

describeOnCluster('the API server', () => {
  let kinds: string;

  beforeAll(async () => {
    await kubectl(NAMESPACE, ['create', 'namespace', NAMESPACE]);
    kinds = await kubectl(NAMESPACE, ['api-resources', '--output=name']);
  });
  afterAll(() => kubectl(NAMESPACE, ['delete', 'namespace', NAMESPACE, '--wait=false']));

  test.each(Object.entries(INGRESS))('accepts every field of an ingress of %s', async (name, ingress) => {
    const known = objects(name, ingress).filter(({ apiVersion, kind }) => isKnown(apiVersion, kind));

    expect(known.length).toBeGreaterThan(0);
    await expect(dryRun(known)).resolves.toContain('(server dry run)');
  });

  test('refuses a field that it does not know', async () => {
    const [first] = objects('nginx', INGRESS.nginx);

    await expect(dryRun([{ ...first, spec: { ...(first?.spec as object), retries: 1 } }])).rejects.toThrow('retries');
  });

  /** Whether the cluster has the kind: Gateway API and Envoy Gateway are installed, or not. */
  function isKnown(apiVersion: string, kind: string): boolean {
    const [group] = apiVersion.split('/');
    const plural =
      kind === 'BackendTrafficPolicy'
        ? 'backendtrafficpolicies'
        : kind === 'Ingress'
          ? 'ingresses'
          : `${kind.toLowerCase()}s`;
    return kinds.split('\n').includes(`${plural}.${group}`);
  }
});

function objects(name: string, ingress: object): readonly KubernetesObject[] {
  const service = ingressed(ingress, name === 'alb' ? { balancer: ALB_TIMES } : {});
  return new IngressLayer(new App(), parseService({ ...service, namespace: NAMESPACE })).toJson() as KubernetesObject[];
}

function dryRun(all: readonly object[]): Promise<string> {
  const args = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];
  return kubectl(NAMESPACE, args, all.map((each) => JSON.stringify(each)).join('\n'));
}
