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

test('a namespace says that it may be drilled where drills are enabled, and nowhere else', () => {
  const labels = (enabled: boolean) =>
    render(
      (app) => new NamespaceLayer(app, { ...definition.staging, drills: { ...definition.staging.drills, enabled } }),
    )
      .map(({ metadata }) => metadata.labels?.['sluice/drills'])
      .join();

  expect(labels(true)).toBe('allowed');
  expect(labels(false)).toBe('');
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
