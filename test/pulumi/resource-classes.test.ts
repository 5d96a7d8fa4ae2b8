import { apiextensions, networking } from '@pulumi/kubernetes';
import { expect, test } from '@jest/globals';
import { requireResourceClass } from '../../infra/pulumi/resource-classes.ts';
import { inStages, resourceOptions } from '../../infra/pulumi/policy.ts';
import { synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { ALB_TIMES, ingressed, INGRESS } from '../definition/ingressed.ts';

test.each(Object.entries(INGRESS))('every object of an environment behind %s has a class', (name, ingress) => {
  const { manifests } = synthesize(ingressed(ingress, name === 'alb' ? { balancer: ALB_TIMES } : {}));

  expect(() => manifests.map(requireResourceClass)).not.toThrow();
  expect(manifests.map(({ kind }) => kind)).toContain(ingress.kind === 'gateway' ? 'HTTPRoute' : 'Ingress');
});

test('the Gateway API is a custom kind, though its group looks like one of Kubernetes', () => {
  expect(requireResourceClass(of('gateway.networking.k8s.io/v1', 'HTTPRoute'))).toBe(apiextensions.CustomResource);
  expect(requireResourceClass(of('networking.k8s.io/v1', 'Ingress'))).toBe(networking.v1.Ingress);
});

test('an Ingress is waited for, after the pods that it leads to', () => {
  const ingress = of('networking.k8s.io/v1', 'Ingress');
  const pods = of('apps/v1', 'Deployment');

  expect(inStages([ingress, pods])).toEqual([pods, ingress]);
  expect(resourceOptions(ingress, [], '600s').customTimeouts).toEqual({ create: '600s', update: '600s' });
});

function of(apiVersion: string, kind: string): KubernetesObject {
  return { apiVersion, kind, metadata: { name: 'gateway', namespace: 'sluice' } };
}
