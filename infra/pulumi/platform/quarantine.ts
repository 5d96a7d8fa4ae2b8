import { GATEWAY } from '../../../alerts/rollback/release-of.ts';
import { STORES } from '../../../alerts/rollback/state.ts';
import type { KubernetesObject } from '../../synth/index.ts';
import { PLATFORM_LABELS } from './labels.ts';

const API_VERSION = 'admissionregistration.k8s.io/v1';
const DIGEST = '@sha256:[0-9a-f]+$';
const CONFIGURATION = '-[0-9a-f]{10}$';
const CONFIGURATION_LENGTH = 10;
const DIGEST_LENGTH = 12;

/**
 * A policy that the API server itself holds gateways to: none gets a release that its namespace has quarantined, whoever
 * deploys it and by whatever tool. One that runs it may be changed otherwise, such as scaled; the guard may do what it
 * must. `parameterNotFoundAction` is what a namespace without such a list gets, one that nobody guards.
 */
export function quarantineObjects(name = 'sluice-quarantined-releases'): readonly KubernetesObject[] {
  const metadata = { name, labels: PLATFORM_LABELS };
  return [
    { apiVersion: API_VERSION, kind: 'ValidatingAdmissionPolicy', metadata, spec: policy() },
    {
      apiVersion: API_VERSION,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: {
        policyName: name,
        // Without a namespace it is the one of what is judged.
        paramRef: { name: STORES.quarantine, parameterNotFoundAction: 'Allow' },
        validationActions: ['Deny', 'Audit'],
      },
    },
  ];
}

function policy(): object {
  return {
    failurePolicy: 'Fail',
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConstraints: {
      namespaceSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'sluice' } },
      resourceRules: [
        { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
      ],
    },
    matchConditions: [
      { name: 'a-gateway', expression: `object.metadata.name == '${GATEWAY}'` },
      // What it does must not wait for this policy, least of all while its list cannot be read.
      {
        name: 'not-by-the-guard',
        expression: "request.userInfo.username != 'system:serviceaccount:' + request.namespace + ':guard'",
      },
    ],
    variables: [
      ...releaseOf('object', 'wanted'),
      ...releaseOf('oldObject', 'running'),
      { name: 'listed', expression: "has(params.data) ? params.data[?variables.wanted].orValue('') : ''" },
      { name: 'isListed', expression: 'has(params.data) && variables.wanted in params.data' },
    ],
    validations: [
      {
        expression: '!variables.isListed || variables.wanted == variables.running',
        message: `this release is quarantined; the ConfigMap ${STORES.quarantine} says why, 'npx sluice release allow' ends it`,
        messageExpression:
          "'release ' + variables.wanted + ' is quarantined: ' + variables.listed + '; deploy another image or " +
          "configuration, or, when the reason is gone: npx sluice release allow ' + variables.wanted",
        reason: 'Forbidden',
      },
    ],
  };
}

/**
 * Variables that end in the id of a release as `findRelease` tells it (`alerts/rollback/release-of.ts`), which the list
 * has as a key: empty where there is none.
 */
function releaseOf(object: 'object' | 'oldObject', name: string): readonly object[] {
  const [image, configuration] = [`${name}Image`, `${name}Configuration`];
  const first = (list: string, otherwise = "''"): string => `${list}.size() == 0 ? ${otherwise} : ${list}[0]`;
  const pod = `${object}.spec.template.spec`;
  return [
    {
      name: `${name}Images`,
      expression: `${object} == null ? [] : ${pod}.containers.filter(each, each.name == '${GATEWAY}').map(each, each.?image.orValue(''))`,
    },
    { name: image, expression: first(`variables.${name}Images`) },
    {
      name: `${name}Configurations`,
      expression:
        `${object} == null ? [] : ${pod}.?volumes.orValue([]).map(each, each.?configMap.?name.orValue(''))` +
        `.filter(each, each.matches('${CONFIGURATION}'))`,
    },
    { name: configuration, expression: first(`variables.${name}Configurations`) },
    {
      name,
      expression:
        `variables.${image} == '' || variables.${configuration} == '' ? '' : ` +
        `(variables.${image}.matches('${DIGEST}') ? ${digestOf(`variables.${image}`)} : ${tagOf(`variables.${image}`)})` +
        ` + '-' + variables.${configuration}.substring(variables.${configuration}.size() - ${CONFIGURATION_LENGTH})`,
    },
  ];
}

/** The start of the digest, which may be shorter. */
function digestOf(image: string): string {
  const digest = `${image}.substring(${image}.lastIndexOf(':') + 1)`;
  return `(${digest}.size() > ${DIGEST_LENGTH} ? ${digest}.substring(0, ${DIGEST_LENGTH}) : ${digest})`;
}

/** What follows the repository's last slash, in characters that a key may have. */
function tagOf(image: string): string {
  const characters = `${image}.substring(${image}.lastIndexOf('/') + 1).split('')`;
  return `${characters}.map(each, each.matches('^[A-Za-z0-9_.-]$') ? each : '-').join('')`;
}
