import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { COMPANIONS, STORES } from '../../../alerts/rollback/state.ts';
import { DRILL, proxyNames } from '../../../chaos/drill/cluster/names.ts';
import type { Component } from '../../../chaos/experiment.ts';
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
export type AccessProgram = 'guard' | 'drill' | 'drill-keeper';

/** Services that may be turned to a fault proxy, and workloads that may be scaled away. */
const STORES_DRILLED = ['postgres', ...Object.values(REDIS_STORES)];
const PROXIED = ['upstream', ...STORES_DRILLED];

/** Services that are made for fault proxies: by which one finds what it stands in front of, or is found. */
const MADE_FOR_PROXIES = [...PROXIED, 'release'].flatMap((of) =>
  Object.values(proxyNames(of as Component | 'release')),
);

/** The kinds of Chaos Mesh in which experiments are written. */
const CHAOS_KINDS = ['podchaos', 'networkchaos', 'httpchaos', 'stresschaos', 'timechaos', 'dnschaos'];

/** Who leads, and what was done: records of a program's own, which are there before it and which it only changes. */
function ownRecords(records: readonly string[], lease: string): readonly Right[] {
  return [
    { group: '', resource: 'configmaps', verbs: ['patch'], names: records },
    { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'patch'], names: [lease] },
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
 * Whoever takes over the keeper of drills has as much: he deploys a bad release as the guard withdraws one, makes pods,
 * and may turn the Service of a store to a program of his, which is told the password of that store by whoever connects.
 * There is a keeper only where drills are enabled, and nowhere is it what is asked from outside.
 *
 * Whoever takes over the drill itself reads what is there, and may write down reports and wishes: the keeper, who grants
 * them, knows no fault but those of experiments, and ends each at its deadline.
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
    { group: 'events.k8s.io', resource: 'events', verbs: ['create'] },
    ...ownRecords([STORES.guard, STORES.quarantine, STORES.releases], STORES.lease),
  ],
  drill: [
    // Whether it says that it may be drilled.
    { group: '', resource: 'namespaces', verbs: ['get'] },
    { group: '', resource: 'pods', verbs: ['get', 'list'] },
    { group: 'apps', resource: 'deployments', verbs: ['get'] },
    // Whether a release is watched, and how it ended with the last ones.
    { group: '', resource: 'configmaps', verbs: ['get'], names: [DRILL.journal, STORES.guard, STORES.releases] },
    // Reports, and the wishes by which the keeper acts.
    { group: '', resource: 'configmaps', verbs: ['create'] },
    { group: '', resource: 'configmaps', verbs: ['patch'], names: [DRILL.journal] },
  ],
  'drill-keeper': [
    // Of any program: pods have no names that are known before. Those of fault proxies are made as its own is.
    { group: '', resource: 'pods', verbs: ['get', 'list', 'create', 'delete'] },
    { group: '', resource: 'pods/eviction', verbs: ['create'] },
    // To send what one program says to another through a proxy that is slow or deaf, and back.
    { group: '', resource: 'services', verbs: ['get', 'create'] },
    { group: '', resource: 'services', verbs: ['patch'], names: PROXIED },
    { group: '', resource: 'services', verbs: ['delete'], names: MADE_FOR_PROXIES },
    { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list'] },
    { group: 'apps', resource: 'deployments', verbs: ['get'] },
    { group: 'apps', resource: 'statefulsets', verbs: ['get'] },
    // What an autoscaler sizes is not scaled away.
    { group: 'autoscaling', resource: 'horizontalpodautoscalers', verbs: ['list'] },
    { group: 'apps', resource: 'deployments/scale', verbs: ['patch'], names: ['alertmanager', 'upstream'] },
    { group: 'apps', resource: 'statefulsets/scale', verbs: ['patch'], names: STORES_DRILLED },
    // A bad release, the way that releases take: another configuration, which is made from that of the good one.
    { group: 'apps', resource: 'deployments', verbs: ['patch'], names: ['gateway'] },
    { group: '', resource: 'configmaps', verbs: ['get', 'create'] },
    ...CHAOS_KINDS.map((resource): Right => ({
      group: 'chaos-mesh.org',
      resource,
      verbs: ['get', 'create', 'delete'],
    })),
    ...ownRecords([DRILL.journal], DRILL.lease),
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
