import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { App } from 'cdk8s';
import { ACCESS, AccessLayer, type AccessProgram } from '../../infra/charts/index.ts';
import { synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl } from './kubectl.ts';

const NAMESPACE = `sluice-test-${randomBytes(4).toString('hex')}`;
const SERVICE = withValues(definition.staging, [`namespace=${NAMESPACE}`, 'monitoring.kind=standalone']);
const PROGRAMS = Object.keys(ACCESS) as AccessProgram[];

/** Accounts of an environment that do not speak to the API server. */
const ACCOUNTS = synthesize(SERVICE).manifests.filter(
  ({ kind, metadata }) => kind === 'ServiceAccount' && !PROGRAMS.some((program) => program === metadata.name),
);

type Question = { readonly may: readonly string[]; readonly mayNot: readonly string[] };

/** What an attacker would try with any token that he finds. */
const WORTH_TRYING = [
  ...['get secrets', 'list secrets', 'get secrets/postgres', 'create pods', 'create pods/exec', 'get pods/log'],
  ...[
    'create serviceaccounts/token',
    'create deployments.apps',
    'create jobs.batch',
    'delete deployments.apps/gateway',
  ],
  ...['update deployments.apps/gateway', 'patch statefulsets.apps/postgres', 'patch deployments.apps/upstream'],
  ...['create roles.rbac.authorization.k8s.io', 'create rolebindings.rbac.authorization.k8s.io', 'list nodes'],
  ...['delete networkpolicies.networking.k8s.io', 'patch networkpolicies.networking.k8s.io/default-deny'],
  ...[
    'patch resourcequotas/environment',
    'delete namespaces',
    'list namespaces',
    'create configmaps',
    'list configmaps',
  ],
  ...[
    'patch horizontalpodautoscalers.autoscaling/gateway',
    'impersonate serviceaccounts',
    'delete events.events.k8s.io',
  ],
];

const PROGRAM_TABLE: Readonly<Record<AccessProgram, Question>> = {
  guard: {
    may: [
      ...['get deployments.apps/gateway', 'list deployments.apps', 'list replicasets.apps'],
      ...['patch deployments.apps/gateway', 'create deployments.apps', 'patch deployments.apps/gateway-baseline'],
      ...['delete deployments.apps/gateway-baseline', 'delete deployments.apps/gateway-withdrawn', 'list pods'],
      ...['get configmaps/gateway-config-0123456789', 'list resourcequotas', 'patch configmaps/sluice-quarantine'],
      ...['patch configmaps/sluice-guard', 'patch configmaps/sluice-releases', 'create events.events.k8s.io'],
      ...['get leases.coordination.k8s.io/sluice-guard', 'patch leases.coordination.k8s.io/sluice-guard'],
    ],
    mayNot: [
      // No rule can hold what is created to a name.
      ...WORTH_TRYING.filter((question) => question !== 'create deployments.apps'),
      ...['delete pods', 'patch services/redis', 'patch configmaps/kube-root-ca.crt', 'delete configmaps/sluice-guard'],
      ...['update deployments.apps/gateway-baseline', 'delete deployments.apps/upstream', 'delete deployments.apps'],
      ...['create leases.coordination.k8s.io', 'patch configmaps/gateway-config-0123456789', 'patch replicasets.apps'],
      // It asks again and again instead of watching, and writes nothing but patches.
      ...['watch deployments.apps', 'watch pods', 'get pods', 'get replicasets.apps', 'get resourcequotas'],
      ...['update configmaps/sluice-guard', 'update leases.coordination.k8s.io/sluice-guard'],
    ],
  },
  drill: {
    may: [
      ...[`get namespaces/${NAMESPACE}`, 'list pods', 'get pods/a-pod', 'get deployments.apps/gateway'],
      ...['get configmaps/sluice-drill', 'patch configmaps/sluice-drill', 'create configmaps'],
      ...['get configmaps/sluice-guard', 'get configmaps/sluice-releases'],
    ],
    mayNot: [
      // Its reports are made, and no rule can hold what is created to a name.
      ...WORTH_TRYING.filter((question) => question !== 'create configmaps'),
      ...[
        'delete pods',
        'create pods/eviction',
        'patch services/redis',
        'patch services',
        'create services',
        'list services',
      ],
      ...['patch deployments.apps/gateway', 'patch configmaps/sluice-quarantine', 'patch configmaps/sluice-guard'],
      ...['get configmaps/gateway-config-0123456789', 'delete configmaps', 'delete configmaps/sluice-drill'],
      ...['patch leases.coordination.k8s.io/sluice-drill', 'create networkchaos.chaos-mesh.org'],
      ...['patch deployments.apps/scale', 'patch statefulsets.apps/scale'],
    ],
  },
  'drill-keeper': {
    may: [
      ...['list pods', 'get pods/a-pod', 'create pods', 'delete pods', 'create pods/eviction'],
      ...['create services', 'get services/redis', 'delete services/drill-target-redis'],
      ...['delete services/drill-proxy-release', 'list endpointslices.discovery.k8s.io'],
      ...['redis', 'redis-cache', 'postgres', 'upstream'].map((store) => `patch services/${store}`),
      ...[
        'get deployments.apps/gateway',
        'patch deployments.apps/gateway',
        'create configmaps',
        'get configmaps/a-name',
      ],
      ...['patch configmaps/sluice-drill', 'get leases.coordination.k8s.io/sluice-drill'],
      ...['patch leases.coordination.k8s.io/sluice-drill', 'list horizontalpodautoscalers.autoscaling'],
      ...['create', 'get', 'delete'].map((verb) => `${verb} networkchaos.chaos-mesh.org`),
    ],
    mayNot: [
      ...WORTH_TRYING.filter((question) => !['create configmaps', 'create pods'].includes(question)),
      ...['patch services/gateway', 'patch services', 'delete services/redis', 'delete services', 'patch pods'],
      ...['patch deployments.apps/drill-keeper', 'patch statefulsets.apps/redis', 'delete statefulsets.apps/redis'],
      ...[
        'patch configmaps/sluice-guard',
        'patch configmaps/sluice-quarantine',
        'delete configmaps',
        'list configmaps',
      ],
      ...['patch leases.coordination.k8s.io/sluice-guard', 'create leases.coordination.k8s.io'],
      ...['create schedules.chaos-mesh.org', 'patch networkchaos.chaos-mesh.org', 'create awschaos.chaos-mesh.org'],
      ...['patch horizontalpodautoscalers.autoscaling/gateway', 'delete poddisruptionbudgets.policy'],
    ],
  },
};

describeOnCluster('on the API server', () => {
  beforeAll(async () => {
    const access = PROGRAMS.flatMap((program) => new AccessLayer(new App(), SERVICE, program).toJson() as object[]);
    const objects = [...synthesize(SERVICE).manifests.slice(0, 1), ...ACCOUNTS, ...access];
    await kubectl(NAMESPACE, ['apply', '--server-side', '--validate=strict', '-f', '-'], lines(objects));
  });
  afterAll(() => kubectl(NAMESPACE, ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=false']));

  test.each(ACCOUNTS.map(({ metadata }) => metadata.name))('the account of %s has no right', async (name) => {
    expect(await rightsOf(name)).toEqual(await rightsOf('an-account-that-is-not'));
    expect(await allowed(name, WORTH_TRYING)).toEqual([]);
  });

  test.each(PROGRAMS)('the account of %s may do what it must', async (program) => {
    const { may } = PROGRAM_TABLE[program];

    expect(await allowed(program, may)).toEqual(may);
  });

  test.each(PROGRAMS)('the account of %s is refused everything else', async (program) => {
    const { mayNot } = PROGRAM_TABLE[program];
    const nothing = await rightsOf('an-account-that-is-not');
    const own = (await rightsOf(program)).filter((right) => !nothing.includes(right));

    expect(await allowed(program, mayNot)).toEqual([]);
    expect(own.sort()).toEqual(
      ACCESS[program]
        .map(({ group, resource, verbs, names = [] }) =>
          JSON.stringify([[group], [resource], [...verbs].sort(), [...names].sort()]),
        )
        .sort(),
    );
  });

  test.each(PROGRAMS)('the account of %s has no right in another namespace', async (program) => {
    expect(await allowed(program, PROGRAM_TABLE[program].may, 'kube-system')).toEqual([]);
  });
});

type Rule = {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
  readonly resourceNames?: string[];
};

/** Every right of an account in the namespace, as the API server counts them up. */
async function rightsOf(account: string): Promise<string[]> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace: NAMESPACE },
  };
  // Without validation, for which kubectl would read definitions that such an account may not.
  const as = `--as=system:serviceaccount:${NAMESPACE}:${account}`;
  const args = ['create', as, '--validate=false', '--output=json', '-f', '-'];
  const { status } = JSON.parse(await kubectl(NAMESPACE, args, JSON.stringify(review))) as {
    status: { resourceRules: Rule[] };
  };
  return status.resourceRules.map(({ apiGroups, resources, verbs, resourceNames = [] }) =>
    JSON.stringify([apiGroups, resources, verbs.sort(), resourceNames.sort()]),
  );
}

/** Those of some questions, each `VERB RESOURCE.GROUP/NAME` or `VERB RESOURCE/SUBRESOURCE`, that are answered with yes. */
async function allowed(account: string, questions: readonly string[], namespace = NAMESPACE): Promise<string[]> {
  const reviews = questions.map((question) => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: `system:serviceaccount:${NAMESPACE}:${account}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
      resourceAttributes: { namespace, ...attributes(question) },
    },
  }));
  const text = await kubectl(NAMESPACE, ['create', '--output=json', '-f', '-'], lines(reviews));
  // One object is printed bare, more of them as they come.
  const answers = text
    .trim()
    .split(/\n(?=\{)/)
    .map((each) => JSON.parse(each) as Answer | { items: Answer[] });
  const flat = answers.flatMap((answer) => ('items' in answer ? answer.items : [answer]));
  if (flat.length !== questions.length) throw new Error(`${flat.length} answers to ${questions.length} questions`);
  return questions.filter((_, index) => flat[index]?.status.allowed === true);
}

type Answer = { readonly status: { readonly allowed: boolean } };

const SUBRESOURCES = new Set(['eviction', 'exec', 'log', 'scale', 'token']);

function attributes(question: string): object {
  const [verb, what = ''] = question.split(' ');
  const [full = '', rest] = what.split('/');
  const [resource, ...group] = full.split('.');
  const isSubresource = rest !== undefined && SUBRESOURCES.has(rest);
  return {
    verb,
    resource,
    group: group.join('.'),
    ...(isSubresource && { subresource: rest }),
    ...(!isSubresource && rest !== undefined && { name: rest }),
  };
}

function lines(objects: readonly (object | KubernetesObject)[]): string {
  return objects.map((each) => JSON.stringify(each)).join('\n');
}
