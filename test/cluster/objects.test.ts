import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { synthesize, writeSyntheses, type KubernetesObject } from '../../infra/synth/index.ts';
import { withValues } from '../../service/definition/index.ts';
import { field } from '../charts/render.ts';
import { VARIATIONS } from '../support/variations.ts';
import { workloadsOf, type Workload } from '../support/workloads.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl, whyNoCluster } from './kubectl.ts';

const NAMESPACE = `sluice-test-${randomBytes(4).toString('hex')}`;

/** Kinds whose definitions are not everywhere to be had, and fields without which their controllers refuse them. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  'chaos-mesh.org/v1alpha1 Schedule': [
    ...['spec.schedule', 'spec.type', 'spec.historyLimit', 'spec.concurrencyPolicy'],
    ...['spec.startingDeadlineSeconds', 'spec.workflow.entry', 'spec.workflow.templates.0.templateType'],
  ],
  'gateway.envoyproxy.io/v1alpha1 BackendTrafficPolicy': [
    ...['spec.targetRefs.0.group', 'spec.targetRefs.0.kind', 'spec.targetRefs.0.name'],
  ],
};

/** Kinds that decide whether others are admitted. */
const GROUNDS = ['Namespace', 'ResourceQuota', 'LimitRange', 'ServiceAccount'];

const KNOWN = knownKinds();

const SYNTHESES = VARIATIONS.map(({ name, service }) => {
  const synthesis = synthesize(withValues(service, [`namespace=${NAMESPACE}`]));
  return { name, synthesis, objects: [...synthesis.manifests, ...synthesis.chaos] };
});

/** Every object once, by the first variation that has it. */
const DISTINCT = SYNTHESES.map(({ name, objects }, index) => {
  const before = new Set(
    SYNTHESES.slice(0, index).flatMap((other) => other.objects.map((each) => JSON.stringify(each))),
  );
  const grounds = objects.filter(({ kind }) => GROUNDS.includes(kind));
  return { name, grounds, objects: objects.filter((each) => !before.has(JSON.stringify(each))) };
}).filter(({ objects }) => objects.length > 0);

/** Kinds that the cluster does not know; without a cluster nothing is known of that. */
const UNKNOWN = [...new Set(SYNTHESES.flatMap(({ objects }) => objects.map(kindOf)))].filter(
  (kind) => KNOWN.size > 0 && !KNOWN.has(kind),
);

describeOnCluster('the API server', () => {
  afterAll(() => kubectl(NAMESPACE, ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=false']));

  test.each(DISTINCT)('accepts every object of $name that none before it has', async ({ objects, grounds }) => {
    const tried = objects.filter((each) => KNOWN.has(kindOf(each)));

    // What judges the others must be there: the namespace with its profile, its quota and limits, the accounts.
    await apply(grounds, '--server-side', '--force-conflicts');
    const said = await apply(tried, '--dry-run=server', '--validate=strict');

    expect(resultsIn(said)).toHaveLength(tried.length);
  });

  test.each(DISTINCT)('admits a pod of every workload of $name beside its quota', async ({ objects, grounds }) => {
    const pods = workloadsOf(objects).map(podOf);
    if (pods.length === 0) return;

    await apply(grounds, '--server-side', '--force-conflicts');
    const said = await apply(pods, '--dry-run=server', '--validate=strict');

    expect(resultsIn(said)).toHaveLength(pods.length);
  });

  test.each(SYNTHESES.slice(0, 3))('accepts the folder of $name as a whole', async ({ synthesis }) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-objects-'));
    try {
      writeSyntheses([synthesis], join(folder, 'out'));
      const path = join(folder, 'out', synthesis.environment);
      const unknown = synthesis.manifests.filter((each) => !KNOWN.has(kindOf(each)));
      const applied = kubectl(NAMESPACE, ['apply', '--dry-run=server', '--validate=strict', '-k', path]);

      if (unknown.length === 0) await expect(applied).resolves.toContain('(server dry run)');
      // What the cluster has no definition of is named, and nothing else is.
      else await expect(applied).rejects.toThrow(new RegExp(`no matches for kind "${unknown[0]?.kind}"`));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('refuses a container that wants more than one may have', async () => {
    const [workload] = workloadsOf(SYNTHESES[0]?.objects ?? []);
    if (!workload) throw new Error('dev has no workload');
    const pod = podOf(workload, 0);
    const [container] = workload.pod.containers;
    const greedy = {
      ...pod,
      spec: { ...pod.spec, containers: [{ ...container, resources: { limits: { cpu: '64' } } }] },
    };

    await expect(apply([greedy], '--dry-run=server')).rejects.toThrow('maximum cpu usage per Container');
  });

  test('refuses a field that no kind has', async () => {
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'a', namespace: NAMESPACE },
      tokens: 1,
    };

    await expect(apply([account], '--dry-run=server', '--validate=strict')).rejects.toThrow('unknown field "tokens"');
  });

  if (UNKNOWN.length > 0) process.stderr.write(`this cluster has no definition of ${UNKNOWN.join(', ')}\n`);
  for (const kind of UNKNOWN) test.skip(`accepts ${kind}: the cluster has no definition of it`, () => undefined);
});

describe('a kind of which not every cluster has a definition', () => {
  const objects = SYNTHESES.flatMap((each) => each.objects);

  test.each(Object.entries(SHAPES))('%s has the fields that its controller asks for', (kind, paths) => {
    const found = objects.filter((each) => kindOf(each) === kind);

    expect(found).not.toEqual([]);
    for (const object of found)
      for (const path of paths) expect([path, field(object, path)]).not.toEqual([path, undefined]);
  });

  test('is one of those whose shape is held here', () => {
    expect(UNKNOWN.filter((kind) => !(kind in SHAPES))).toEqual([]);
  });
});

/** A pod as the controller of a workload would make it. */
function podOf({ name, labels, pod }: Workload, index: number) {
  const spec = {
    restartPolicy: 'Always',
    ...pod,
    // The classes are the whole cluster's, made by the platform.
    priorityClassName: undefined,
    volumes: filled(pod.volumes ?? []),
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `${name}-${index}`, namespace: NAMESPACE, labels }, spec };
}

/** The lines that tell of an object; a server may warn beside them. */
function resultsIn(said: string): readonly string[] {
  return said.split('\n').filter((line) => line.includes('(server dry run)'));
}

/** Volumes that need nothing to be there: claims of StatefulSets are made by their controller. */
function filled(volumes: readonly Readonly<Record<string, unknown>>[]): readonly object[] {
  return [
    ...volumes,
    ...(volumes.some(({ name }) => name === 'data') ? [] : [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }]),
  ];
}

function kindOf({ apiVersion, kind }: KubernetesObject): string {
  return `${apiVersion} ${kind}`;
}

function apply(objects: readonly object[], ...flags: readonly string[]): Promise<string> {
  const input = objects.map((each) => JSON.stringify(each)).join('\n');
  return kubectl(NAMESPACE, ['apply', ...flags, '-f', '-'], input);
}

/** Kinds that the cluster knows, each with its version; none where there is no cluster. */
function knownKinds(): ReadonlySet<string> {
  if (whyNoCluster() !== undefined) return new Set();
  const lines = execFileSync('kubectl', ['api-resources', '--no-headers'], { encoding: 'utf8' }).trim().split('\n');
  return new Set(
    lines.map((line) => {
      const [kind, , apiVersion] = line.trim().split(/\s+/).reverse();
      return `${apiVersion} ${kind}`;
    }),
  );
}
