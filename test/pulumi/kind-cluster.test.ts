import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { KIND_CONTEXT, kindCluster } from '../../infra/pulumi/platform/index.ts';
import { definition, ENVIRONMENTS } from '../../service/definition/index.ts';

type Node = { readonly role: string; readonly image: string; readonly labels?: Readonly<Record<string, string>> };

const { name, kind, apiVersion, nodes } = parse(kindCluster()) as {
  readonly name: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly nodes: readonly Node[];
};

test('a cluster of kind is of its only format, and its name gives the context that the platform means', () => {
  expect([apiVersion, kind]).toEqual(['kind.x-k8s.io/v1alpha4', 'Cluster']);
  expect(KIND_CONTEXT).toBe(`kind-${name}`);
});

test('a cluster of kind has a zone for each domain that any environment spreads over, and images by digest', () => {
  const zones = nodes.flatMap(({ labels }) => labels?.['topology.kubernetes.io/zone'] ?? []);
  const wanted = Math.max(...ENVIRONMENTS.map((environment) => definition[environment].scaling.spreadDomains));
  expect(new Set(zones).size).toBe(wanted);
  expect(nodes.filter(({ role }) => role === 'control-plane')).toHaveLength(1);
  for (const { image } of nodes) expect(image).toMatch(/^kindest\/node:v[\d.]+@sha256:[0-9a-f]{64}$/);
});
