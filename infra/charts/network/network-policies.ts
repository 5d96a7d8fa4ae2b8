import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Identity } from '../objects/labels.ts';
import { Layer } from '../objects/layer.ts';
import type { Flow } from './flow.ts';
import { networkPolicies } from './policies.ts';

/** The network of an environment as objects. */
export class NetworkPolicies extends Layer {
  constructor(scope: Construct, identity: Identity, flows: readonly Flow[]) {
    super(scope, 'network', identity);
    for (const policy of networkPolicies(identity, flows)) {
      new ApiObject(this, policy.metadata.name, {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        ...policy,
      });
    }
  }
}
