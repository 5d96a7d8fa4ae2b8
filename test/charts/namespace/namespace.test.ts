import { expect, test } from '@jest/globals';
import { NamespaceLayer } from '../../../infra/charts/index.ts';
import { admissionObjects } from '../../../infra/pulumi/platform/index.ts';
import { definition, type Service } from '../../../service/definition/index.ts';
import { render, requireObject } from '../render.ts';

test("a namespace is bound by the policy of digests where the definition has images: 'digest', and nowhere else", () => {
  const bound = policyLabels();

  expect(Object.entries(bound)).not.toEqual([]);
  expect(labelsOf('digest')).toMatchObject(bound);
  expect(labelsOf('tag')).not.toMatchObject(bound);
});

function labelsOf(images: Service['images']): object {
  const [namespace] = render((app) => new NamespaceLayer(app, { ...definition.prod, images }));
  return namespace?.metadata.labels ?? {};
}

/** What the policy finds namespaces by. */
function policyLabels(): object {
  const { spec } = requireObject(admissionObjects(), 'ValidatingAdmissionPolicy') as unknown as {
    readonly spec: { readonly matchConstraints: { readonly namespaceSelector: { readonly matchLabels: object } } };
  };
  return spec.matchConstraints.namespaceSelector.matchLabels;
}
