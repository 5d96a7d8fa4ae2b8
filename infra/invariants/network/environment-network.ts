import { COMPANIONS } from '../../../alerts/rollback/state.ts';
import { isGuarded, type Service } from '../../../service/definition/index.ts';
// Not by the index of charts, which loads cdk8s: a check is to be done before that library is read.
import { flows } from '../../charts/flows.ts';
import { COMPONENTS, podLabels, type Component } from '../../charts/objects/labels.ts';
import { networkPolicies } from '../../charts/network/policies.ts';
import type { NetworkPolicy, Pod } from '../../network/index.ts';

/** What decides who talks to whom in an environment; a test holds it equal to what is synthesized. */
export type EnvironmentNetwork = {
  readonly policies: readonly NetworkPolicy[];
  /** A pod of each program that runs; of the gateway also the one that is kept to compare with. */
  readonly pods: readonly ComponentPod[];
};

/** A pod of a program. */
export type ComponentPod = { readonly component: Component; readonly pod: Pod };

/** The node that the pods of an environment are taken to run on. */
export const NODE = 'own-node';

/** The policies of an environment and a pod of each program that a flow names. */
export function environmentNetwork(service: Service): EnvironmentNetwork {
  const rows = flows(service);
  const pod = (component: Component, more: Pod['labels'] = {}): ComponentPod => ({
    component,
    pod: { namespace: service.namespace, labels: { ...podLabels(service, component), ...more }, node: NODE },
  });
  const running = COMPONENTS.filter((component) => rows.some(({ from, to }) => from === component || to === component));
  return {
    policies: networkPolicies(service, rows),
    pods: [
      ...running.map((component) => pod(component)),
      // The guard makes it, and it takes requests as every other one.
      ...(isGuarded(service) ? [pod('gateway', { 'app.kubernetes.io/instance': COMPANIONS.baseline })] : []),
    ],
  };
}
