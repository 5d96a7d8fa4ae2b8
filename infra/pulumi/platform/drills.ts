import { ALLOWED_LABEL } from '../../../chaos/drill/cluster/names.ts';
import { CHAOS_MESH_NAMESPACE } from '../../charts/chaos-mesh/place.ts';
import type { KubernetesObject } from '../../synth/index.ts';
import { PLATFORM_LABELS } from './labels.ts';

const API_VERSION = 'admissionregistration.k8s.io/v1';

/** Faults that are put into pods which a selector names, and what starts, checks and records them. */
const KINDS = [
  ...['BlockChaos', 'DNSChaos', 'HTTPChaos', 'IOChaos', 'JVMChaos', 'NetworkChaos', 'PodChaos', 'StressChaos'],
  ...['TimeChaos', 'Schedule', 'StatusCheck', 'Workflow', 'WorkflowNode'],
];

/** What Chaos Mesh notes of a pod that has a fault: of one that goes, it takes entries out. */
const NOTES = ['PodHttpChaos', 'PodIOChaos', 'PodNetworkChaos'];

/** Faults of clouds, machines, kernels and other clusters inside of a schedule or a workflow: no selector holds them. */
const BEYOND = ['awsChaos', 'azureChaos', 'gcpChaos', 'kernelChaos', 'physicalmachineChaos', 'remoteCluster'];

const MODES = ['one', 'all', 'fixed', 'fixed-percent', 'random-max-percent'];

// The deepest is the target of a NetworkChaos in a schedule in a workflow's template in a Schedule: six levels.
const DEPTH = 10;

/**
 * A policy that the API server itself holds Chaos Mesh to: faults are there in namespaces that say they may be drilled
 * alone, and each finds pods of its own namespace alone, also inside of schedules and workflows. What ends a fault, or
 * changes nothing of it, is never in question.
 */
export function drillObjects(name = 'sluice-drills'): readonly KubernetesObject[] {
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
  const { key, value } = ALLOWED_LABEL;
  return {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        { apiGroups: ['chaos-mesh.org'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] },
      ],
    },
    matchConditions: [
      {
        name: 'a-fault-that-is-new',
        expression:
          `oldObject == null || object.?spec.orValue({}) != oldObject.?spec.orValue({}) || ` +
          `(${isPaused('oldObject')} && !${isPaused('object')})`,
      },
      {
        // Where the label was taken away, faults that are there must still be able to go.
        name: 'not-a-note-of-the-controller',
        expression:
          `!(request.operation == 'UPDATE' && request.kind.kind in ${listOf(NOTES)} && ` +
          `request.userInfo.username.startsWith('system:serviceaccount:${CHAOS_MESH_NAMESPACE}:'))`,
      },
    ],
    // What lies in no namespace has none here, not an empty one.
    variables: [{ name: 'place', expression: "request.?namespace.orValue('')" }],
    validations: [
      {
        expression: `variables.place != '' && namespaceObject.metadata.?labels[?'${key}'].orValue('') == '${value}'`,
        messageExpression:
          `(variables.place == '' ? 'what lies in no namespace' : 'the namespace ' + variables.place) + ` +
          `' may not be drilled: it lacks the label ${key}=${value}, which environments with drills.enabled have and ` +
          `production never has'`,
        reason: 'Forbidden',
      },
      {
        expression: `request.kind.kind in ${listOf([...KINDS, ...NOTES])} && ${everywhere(isWithin)}`,
        messageExpression:
          "request.kind.kind + ' would reach beyond the pods of its namespace, at what no selector holds: leave out " +
          `faults of clouds, machines and kernels (${BEYOND.join(', ')})'`,
        reason: 'Forbidden',
      },
      {
        expression: everywhere(isHeld),
        messageExpression:
          "'a selector does not keep to the namespace that it lies in: name ' + variables.place + ', and nothing else, in " +
          "every selector.namespaces, also of targets and inside of schedules and workflows'",
        reason: 'Forbidden',
      },
    ],
  };
}

/** Holds no fault that has no selector. */
function isWithin(node: string): string {
  return `${listOf(BEYOND)}.all(key, !(key in ${node}))`;
}

/** Finds pods of its own namespace, and says so: Chaos Mesh may take no namespace for all. */
function isHeld(node: string): string {
  const own = 'each == variables.place';
  const [namespaces, pods] = [`${node}.?selector.?namespaces.orValue([])`, `${node}.?selector.?pods.orValue({})`];
  return (
    `${namespaces}.all(each, ${own}) && ${pods}.all(each, ${own}) && ` +
    `(!(${node}.?mode.orValue('') in ${listOf(MODES)}) || ${namespaces}.size() + ${pods}.size() > 0)`
  );
}

/** Whether something holds of every object inside of the spec; CEL has no recursion, so that it is written out. */
function everywhere(holds: (node: string) => string, node = 'dyn(object.?spec.orValue({}))', depth = DEPTH): string {
  const of = (each: string): string => `(type(${each}) != map || (${holds(each)}))`;
  if (depth === 0) return of(node);
  const [inner, key] = [`v${depth}`, `k${depth}`];
  const children =
    `(type(${node}) == map ? dyn(${node}.map(${key}, dyn(${node}[${key}]))) : ` +
    `type(${node}) == list ? dyn(${node}) : dyn([]))`;
  return `${of(node)} && ${children}.all(${inner}, ${everywhere(holds, inner, depth - 1)})`;
}

function isPaused(object: 'object' | 'oldObject'): string {
  return `(${object}.metadata.?annotations[?'experiment.chaos-mesh.org/pause'].orValue('') == 'true')`;
}

function listOf(words: readonly string[]): string {
  return `[${words.map((word) => `'${word}'`).join(', ')}]`;
}
