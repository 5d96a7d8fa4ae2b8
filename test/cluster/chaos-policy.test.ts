import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chaosObjects, EXPERIMENTS, oneShot } from '../../chaos/index.ts';
import { drillObjects } from '../../infra/pulumi/platform/index.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl } from './kubectl.ts';
import { poll } from './poll.ts';

const SUFFIX = randomBytes(4).toString('hex');
const APPLY = ['apply', '--server-side', '--validate=strict', '-f', '-'];
const GROUP = 'chaos-mesh.org';
const MINE = { 'sluice-test': SUFFIX };

/** Namespaces by what they are: one that may be drilled, and two that may not. */
const NAMESPACES = {
  drilled: { 'sluice/drills': 'allowed' },
  production: { 'app.kubernetes.io/managed-by': 'sluice' },
  unsure: { 'sluice/drills': 'maybe' },
} as const;
const [OWN, PRODUCTION] = [nameOf('drilled'), nameOf('production')];

/** Kinds of Chaos Mesh, whose own definitions are not everywhere to be had, as far as the API server must know them. */
const KINDS: Readonly<Record<string, 'Namespaced' | 'Cluster'>> = {
  PodChaos: 'Namespaced',
  NetworkChaos: 'Namespaced',
  HTTPChaos: 'Namespaced',
  StressChaos: 'Namespaced',
  TimeChaos: 'Namespaced',
  DNSChaos: 'Namespaced',
  AWSChaos: 'Namespaced',
  PodNetworkChaos: 'Namespaced',
  Schedule: 'Namespaced',
  Workflow: 'Namespaced',
  RemoteCluster: 'Cluster',
};

const selector = (...namespaces: string[]) => ({ namespaces, labelSelectors: { app: 'redis' } });
const SLOW = { action: 'delay', mode: 'all', selector: selector(OWN), delay: { latency: '1s' } };
const FOREIGN = { ...SLOW, selector: selector(PRODUCTION) };

describeOnCluster('an object of Chaos Mesh', () => {
  // Others may use the cluster: the policy judges what lies in namespaces of this test alone.
  const policies = drillObjects(`sluice-test-${SUFFIX}`).map((object): KubernetesObject =>
    object.kind === 'ValidatingAdmissionPolicyBinding'
      ? {
          ...object,
          spec: { ...(object.spec as object), matchResources: { namespaceSelector: { matchLabels: MINE } } },
        }
      : object,
  );
  const namespaces = Object.entries(NAMESPACES).map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: nameOf(name), labels: { ...labels, ...MINE } },
  }));
  const registered: string[] = [];

  beforeAll(async () => {
    for (const [kind, scope] of Object.entries(KINDS)) {
      const definitionOf = crd(kind, scope);
      const isNew = await kubectl('default', ['create', '-f', '-'], JSON.stringify(definitionOf)).then(
        () => true,
        () => false,
      );
      if (isNew) registered.push(definitionOf.metadata.name);
      await kubectl('default', ['wait', '--for=condition=Established', `crd/${definitionOf.metadata.name}`]);
    }
    await kubectl('default', APPLY, lines([...namespaces, ...policies]));
    // The API server learns of a policy some time after it has it.
    await poll(60_000, async () => {
      expect(await refusalOf('production', fault('NetworkChaos', FOREIGN))).toContain('may not be drilled');
    });
  });
  afterAll(async () => {
    const ended = lines([...policies, ...namespaces]);
    await kubectl('default', ['delete', '--wait=false', '--ignore-not-found', '-f', '-'], ended);
    if (registered.length > 0) await kubectl('default', ['delete', 'crd', '--wait=false', ...registered]);
  });

  test('of every experiment is taken where drills are allowed, whole and alone', async () => {
    const service = withValues(definition.staging, [`namespace=${OWN}`]);
    const alone = EXPERIMENTS.filter(({ means, fits }) => means.chaosMesh && fits(service)).map((experiment) =>
      oneShot(experiment, service, { id: experiment.id, deadline: 60_000 }),
    );
    const all = [...chaosObjects(service), ...alone];

    expect(all.length).toBeGreaterThan(16);
    expect(await refusalOf('drilled', ...all)).toBe('not refused');
  });

  test('may be a workflow of many steps, each of which is judged', async () => {
    const steps = (last: object) =>
      Array.from({ length: 60 }, (_, index) => ({ name: `step-${index}`, networkChaos: index === 59 ? last : SLOW }));

    expect(await refusalOf('drilled', schedule({ workflow: { templates: steps(SLOW) } }))).toBe('not refused');
    expect(await refusalOf('drilled', schedule({ workflow: { templates: steps(FOREIGN) } }))).toContain(
      'a selector does not keep to the namespace',
    );
  });

  test.each(['production', 'unsure'] as const)('is refused in a namespace that is %s, and told why', async (name) => {
    const own = { ...SLOW, selector: selector(nameOf(name)) };
    for (const object of [
      fault('NetworkChaos', own),
      schedule({ networkChaos: own }),
      workflow({ networkChaos: own }),
    ]) {
      expect(await refusalOf(name, object)).toContain(
        `the namespace ${nameOf(name)} may not be drilled: it lacks the label sluice/drills=allowed`,
      );
    }
  });

  test.each<[string, KubernetesObject]>([
    ['a fault', fault('NetworkChaos', FOREIGN)],
    ['one namespace of several', fault('NetworkChaos', { ...SLOW, selector: selector(OWN, PRODUCTION) })],
    ['pods by their names', fault('PodChaos', { mode: 'all', selector: { pods: { [PRODUCTION]: ['redis-0'] } } })],
    ['a target', fault('NetworkChaos', { ...SLOW, target: { mode: 'all', selector: selector(PRODUCTION) } })],
    ['a schedule', schedule({ networkChaos: FOREIGN })],
    ['the target of a schedule', schedule({ networkChaos: { ...SLOW, target: FOREIGN } })],
    ['a workflow', workflow({ podChaos: FOREIGN })],
    ['a schedule in a workflow', workflow({ schedule: { schedule: '@daily', networkChaos: FOREIGN } })],
    ['a workflow in a schedule', schedule({ workflow: { templates: [{ podChaos: SLOW }, { podChaos: FOREIGN }] } })],
    [
      'the target of a schedule in a workflow in a schedule',
      schedule({ workflow: { templates: [{ schedule: { networkChaos: { ...SLOW, target: FOREIGN } } }] } }),
    ],
    ['a selector of any namespace', fault('NetworkChaos', { ...SLOW, selector: { labelSelectors: { app: 'x' } } })],
    ['a selector of no namespace', fault('NetworkChaos', { ...SLOW, selector: selector() })],
    ['no selector at all', schedule({ networkChaos: { action: 'delay', mode: 'one' } })],
  ])('is refused where it reaches into another namespace by %s', async (_, object) => {
    expect(await refusalOf('drilled', object)).toContain(
      `a selector does not keep to the namespace that it lies in: name ${OWN}, and nothing else`,
    );
  });

  test.each<[string, KubernetesObject]>([
    ['a cloud', fault('AWSChaos', { action: 'ec2-stop', ec2Instance: 'i-1' })],
    ['a cloud, in a schedule', schedule({ awsChaos: { action: 'ec2-stop' } })],
    ['a machine, in a workflow', workflow({ physicalmachineChaos: { action: 'process', address: ['10.0.0.1'] } })],
    ['another cluster', fault('NetworkChaos', { ...SLOW, remoteCluster: 'prod' })],
  ])('is refused where it reaches %s', async (_, object) => {
    expect(await refusalOf('drilled', object)).toContain('would reach beyond the pods of its namespace');
  });

  test('that belongs to no namespace is refused', async () => {
    const object = { ...fault('RemoteCluster', { namespace: 'chaos-mesh' }) };
    expect(await refusalOf('drilled', object)).toContain('what lies in no namespace may not be drilled');
  });

  test('ends where drills are no longer allowed, and does not begin there again', async () => {
    const own = nameOf('late');
    const labelled = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: own, labels: { ...MINE, ...NAMESPACES.drilled } },
    };
    const paused = { 'experiment.chaos-mesh.org/pause': 'true' };
    const begun = named(fault('NetworkChaos', { ...SLOW, selector: selector(own) }), { finalizers: ['test/held'] });
    const waiting = named(schedule({ podChaos: { ...SLOW, selector: selector(own) } }), { annotations: paused });
    const note = fault('PodNetworkChaos', { tcs: [{ type: 'netem' }] });
    const change = (kind: string, patch: object, ...as: readonly string[]) =>
      kubectl(own, ['patch', kind, 'sample', '--type=merge', '-p', JSON.stringify(patch), ...as]);
    const controller = ['--as=system:serviceaccount:chaos-mesh:chaos-controller-manager', '--as-group=system:masters'];
    await kubectl('default', APPLY, lines([labelled]));
    try {
      await kubectl(own, APPLY, lines([begun, waiting, note]));
      await kubectl('default', ['label', 'namespace', own, 'sluice/drills-']);
      await poll(30_000, async () => {
        expect(await refusalOf('late', fault('PodChaos', { ...SLOW, selector: selector(own) }))).toContain(
          'may not be drilled',
        );
      });

      // It is marked, its record is taken out by the controller, and it goes.
      await change('networkchaos', { metadata: { annotations: { seen: 'yes' } } });
      await change('networkchaos', { metadata: { annotations: paused } });
      await change('podnetworkchaos', { spec: { tcs: [] } }, ...controller);
      await expect(change('podnetworkchaos', { spec: { tcs: [{ type: 'loss' }] } })).rejects.toThrow(
        'may not be drilled',
      );
      await expect(change('networkchaos', { spec: { delay: { latency: '9s' } } })).rejects.toThrow(
        'may not be drilled',
      );
      const resumed = { metadata: { annotations: { 'experiment.chaos-mesh.org/pause': null } } };
      await expect(change('networkchaos', resumed)).rejects.toThrow('may not be drilled');
      await expect(change('schedule', resumed)).rejects.toThrow('may not be drilled');
      await kubectl(own, ['delete', 'networkchaos', 'sample', '--wait=false']);
      await change('networkchaos', { metadata: { finalizers: null } });
      await poll(30_000, async () => {
        expect(await kubectl(own, ['get', 'networkchaos', '-o', 'name'])).toBe('');
      });
    } finally {
      await change('networkchaos', { metadata: { finalizers: null } }).catch(() => 'it has gone');
      await kubectl('default', ['delete', 'namespace', own, '--wait=false']);
    }
  });
});

function nameOf(name: string): string {
  return `sluice-test-${SUFFIX}-${name}`;
}

function fault(kind: string, spec: object): KubernetesObject {
  return { apiVersion: `${GROUP}/v1alpha1`, kind, metadata: { name: 'sample' }, spec };
}

function schedule(item: object): KubernetesObject {
  return fault('Schedule', { schedule: '@daily', type: 'any', historyLimit: 1, ...item });
}

function workflow(template: object): KubernetesObject {
  return fault('Workflow', { entry: 'all', templates: [{ name: 'all', templateType: 'any', ...template }] });
}

function named(object: KubernetesObject, metadata: object): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}

function crd(kind: string, scope: string) {
  const plural = kind.toLowerCase().replace(/([^s])$/, (last) => (kind.endsWith('Chaos') ? last : `${last}s`));
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema }],
    },
  };
}

async function refusalOf(name: string, ...objects: readonly object[]): Promise<string> {
  return kubectl(nameOf(name), ['create', '--dry-run=server', '-f', '-'], lines(objects)).then(
    () => 'not refused',
    (error: unknown) => (error as { readonly stderr: string }).stderr,
  );
}

function lines(objects: readonly object[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n');
}
