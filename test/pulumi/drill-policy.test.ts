import { expect, test } from '@jest/globals';
import { synthesize } from '../../infra/synth/index.ts';
import { drillObjects, planPlatform } from '../../infra/pulumi/platform/index.ts';
import { definition, ENVIRONMENTS } from '../../service/definition/index.ts';
import { field } from '../charts/render.ts';

const [policy, binding] = drillObjects();

test('what comes to be or changes in Chaos Mesh is judged, in every namespace, and refused where it cannot be', () => {
  expect(policy).toMatchObject({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['chaos-mesh.org'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] },
        ],
      },
    },
  });
  expect(field(policy, 'spec.matchConstraints.namespaceSelector')).toBeUndefined();
  expect(binding).toMatchObject({
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: { policyName: policy?.metadata.name, validationActions: ['Deny', 'Audit'] },
  });
});

test('every refusal says what is wrong and has a reason that clients know', () => {
  for (const validation of field(policy, 'spec.validations') as object[]) {
    expect(validation).toMatchObject({ reason: 'Forbidden', messageExpression: expect.any(String) as unknown });
  }
});

test('every platform has the policy, and only namespaces that are drilled the label that it asks for', () => {
  const services = [definition.prod];
  const plan = planPlatform({ services, parts: {}, cluster: 'existing', grafana: false });
  expect(plan.map(({ id }) => id)).toContain('drills');
  for (const environment of ENVIRONMENTS) {
    const namespace = synthesize(definition[environment]).manifests.find(({ kind }) => kind === 'Namespace');
    const isDrilled = definition[environment].drills.enabled;
    expect(namespace?.metadata.labels?.['sluice/drills']).toBe(isDrilled ? 'allowed' : undefined);
  }
});
