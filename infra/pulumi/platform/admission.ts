import type { KubernetesObject } from '../../synth/index.ts';
import { IMAGES_LABEL } from '../../charts/namespace/image-label.ts';
import { PLATFORM_LABELS } from './labels.ts';

const API_VERSION = 'admissionregistration.k8s.io/v1';
const DIGEST = '@sha256:[0-9a-f]{64}$';

/**
 * A policy that the API server itself holds pods to: in a namespace of a service whose definition names images by
 * digest, every image is named so, whoever makes the pod; what was tested is then what runs.
 */
export function admissionObjects(name = 'sluice-images-by-digest'): readonly KubernetesObject[] {
  const metadata = { name, labels: PLATFORM_LABELS };
  return [
    { apiVersion: API_VERSION, kind: 'ValidatingAdmissionPolicy', metadata, spec: policy() },
    {
      apiVersion: API_VERSION,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: name, validationActions: ['Deny', 'Audit'] },
    },
  ];
}

function policy(): object {
  return {
    failurePolicy: 'Fail',
    matchConstraints: {
      namespaceSelector: {
        matchLabels: { 'app.kubernetes.io/managed-by': 'sluice', ...IMAGES_LABEL },
      },
      resourceRules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE'],
          resources: ['pods', 'pods/ephemeralcontainers'],
        },
      ],
    },
    variables: [
      { name: 'images', expression: imagesOf('object') },
      // Else a pod from before the label could never end: whoever waits for it takes its mark off it, an update.
      { name: 'known', expression: `oldObject == null ? [] : ${imagesOf('oldObject')}` },
      {
        name: 'loose',
        expression: `variables.images.filter(image, !image.matches('${DIGEST}') && !(image in variables.known))`,
      },
    ],
    validations: [
      {
        expression: 'variables.loose.size() == 0',
        messageExpression:
          "'this namespace takes images by digest only, repository@sha256:...; not: ' + variables.loose.join(', ')",
        reason: 'Forbidden',
      },
    ],
  };
}

/** Each list by itself: containers and ephemeral containers are of two types, which one list cannot have. */
function imagesOf(pod: 'object' | 'oldObject'): string {
  return ['containers', 'initContainers', 'ephemeralContainers']
    .map((list) => `${pod}.spec.?${list}.orValue([]).map(each, each.image)`)
    .join(' + ');
}
