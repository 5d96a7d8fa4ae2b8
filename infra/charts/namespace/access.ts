import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { COMPANIONS, STORES } from '../../../alerts/rollback/state.ts';
import { REDIS_STORES } from '../../../service/definition/index.ts';
import { sharedLabels, type Identity } from '../objects/labels.ts';
import { Layer } from '../objects/layer.ts';

/** A right in the namespace of the environment. */
export type Right = {
  /** Group of the API; empty: the first one, of pods and Services. */
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly ('get' | 'list' | 'watch' | 'create' | 'patch' | 'update' | 'delete')[];
  /** Of these objects alone; absent: of all. Nobody can create by name: whoever may create, may create any. */
  readonly names?: readonly string[];
};

/** A program that speaks to the API server. */
export type AccessProgram = 'guard' | 'drill';

const SEEN = ['get', 'list', 'watch'] as const;

/** Who leads, and what was done: records of a program's own, which are there before it and which it only changes. */
function ownRecords(program: AccessProgram, records: readonly string[]): readonly Right[] {
  return [
    { group: '', resource: 'configmaps', verbs: ['patch'], names: records },
    { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'patch'], names: [`sluice-${program}`] },
    { group: 'events.k8s.io', resource: 'events', verbs: ['create'] },
  ];
}

/**
 * The least that each program needs; every other account of an environment has no right at all. Least is not little:
 *
 * Whoever may patch a Deployment may run any image in its pods, as any account of the namespace and with its token, and
 * may mount every Secret and every volume of the namespace there. So whoever takes over the guard has all that the
 * environment has, the passwords of the stores among them: no narrower right rolls a release back. What holds him is
 * what holds every pod: the restricted profile, the quota, the flows of the gateway, and of images those by digest
 * where `images` is `digest`; and no account of the namespace has a right beyond it. To create Deployments, which no
 * rule can hold to a name, gives him none of these anew: what he could start by one of his own, he could by that of the
 * gateway, under the same quota; with labels of his choice, so in the flows of any program and not of the gateway alone.
 * Of those that are there he changes the gateway and takes away his own two, and no other.
 *
 * He reads every ConfigMap that he knows the name of, since it is by its hash that a release has its configuration; none
 * holds a secret, and he cannot list them.
 *
 * Whoever takes over the drill may turn the Service of a store to a program of his, which is told the password of that
 * store by whoever connects: there is a drill only where drills are enabled.
 */
export const ACCESS: Readonly<Record<AccessProgram, readonly Right[]>> = {
  guard: [
    { group: 'apps', resource: 'deployments', verbs: ['get', 'list'] },
    { group: 'apps', resource: 'deployments', verbs: ['patch'], names: ['gateway'] },
    // The pod of the version before, and that of a withdrawn one: the guard makes them, and no manifest does.
    { group: 'apps', resource: 'deployments', verbs: ['create'] },
    { group: 'apps', resource: 'deployments', verbs: ['delete', 'patch'], names: Object.values(COMPANIONS) },
    { group: 'apps', resource: 'replicasets', verbs: ['list'] },
    { group: '', resource: 'pods', verbs: ['list'] },
    // Whether the configuration of a release is still there.
    { group: '', resource: 'configmaps', verbs: ['get'] },
    { group: '', resource: 'resourcequotas', verbs: ['list'] },
    ...ownRecords('guard', [STORES.guard, STORES.quarantine, STORES.releases]),
  ],
  drill: [
    { group: 'apps', resource: 'deployments', verbs: SEEN },
    { group: '', resource: 'pods', verbs: [...SEEN, 'delete'] },
    // To send what one program says to another through a proxy that is slow or deaf, and back.
    {
      group: '',
      resource: 'services',
      verbs: ['get', 'patch'],
      names: ['postgres', 'upstream', ...Object.values(REDIS_STORES)],
    },
    { group: '', resource: 'configmaps', verbs: ['get'], names: ['sluice-drill'] },
    ...ownRecords('drill', ['sluice-drill']),
  ],
};

/**
 * The account of a program that speaks to the API server, its Role and what binds them. It belongs into an environment
 * together with the pods of its program and not before: a right that nobody uses is one that only an attacker does.
 */
export class AccessLayer extends Layer {
  constructor(scope: Construct, identity: Identity, program: AccessProgram) {
    super(scope, `${program}-access`, identity);
    const metadata = { name: program, labels: { ...sharedLabels(identity), 'app.kubernetes.io/component': program } };
    // Which pod gets the token is for the pod to say, so that no other one of this account does by mistake.
    new k8s.KubeServiceAccount(this, 'account', { metadata, automountServiceAccountToken: false });
    new k8s.KubeRole(this, 'role', {
      metadata,
      rules: ACCESS[program].map(({ group, resource, verbs, names }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs: [...verbs],
        ...(names && { resourceNames: [...names] }),
      })),
    });
    new k8s.KubeRoleBinding(this, 'binding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: program },
      subjects: [{ kind: 'ServiceAccount', name: program, namespace: identity.namespace }],
    });
  }
}
