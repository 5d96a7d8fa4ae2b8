import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { IMAGES_LABEL } from '../../infra/charts/namespace/image-label.ts';
import { admissionObjects, PART_IDS, planPlatform, priorityClasses } from '../../infra/pulumi/platform/index.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import { definition, ENVIRONMENTS } from '../../service/definition/index.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl } from './kubectl.ts';
import { poll } from './poll.ts';

const SUFFIX = randomBytes(4).toString('hex');
const APPLY = ['apply', '--server-side', '--validate=strict', '-f', '-'];
const TAG = 'ghcr.io/sluice/sluice:1.4.0';
const DIGEST = `ghcr.io/sluice/sluice@sha256:${'8c1f'.repeat(16)}`;

const MANAGED = { 'app.kubernetes.io/managed-by': 'sluice' };

/** Namespaces by what they are labelled. */
const NAMESPACES = {
  strict: { ...MANAGED, ...IMAGES_LABEL },
  silent: MANAGED,
  foreign: { ...IMAGES_LABEL },
  /** It says of its images only once it has pods. */
  late: MANAGED,
};

describeOnCluster('the plain objects of the platform', () => {
  test('are all taken by the API server, every field known', async () => {
    const plan = planPlatform({
      services: ENVIRONMENTS.map((name) => definition[name]),
      parts: Object.fromEntries(PART_IDS.map((id) => [id, true])),
      cluster: 'existing',
      issuer: {
        server: 'https://acme.example/directory',
        email: 'ops@example.com',
        solvers: [{ dns01: { route53: {} } }],
      },
      grafana: true,
    });
    const objects = plan.flatMap(({ foundation, objects: own }) => [...foundation, ...own]);
    const taken = await kubectl('default', [...APPLY, '--dry-run=server', '-o', 'name'], lines(objects));
    expect(taken.trim().split('\n')).toHaveLength(objects.length);
    expect(taken).toMatch(/clusterissuer[^]*letsencrypt/);
    expect(taken).toContain('gatewayclass.gateway.networking.k8s.io/eg');
  });

  describe('act:', () => {
    const classes = priorityClasses().map((each) => renamed(each));
    const policies = admissionObjects(`sluice-test-${SUFFIX}`);
    const namespaces = Object.entries(NAMESPACES).map(([name, labels]) => namespace(name, labels));
    const all = [...namespaces, ...classes, ...policies];

    beforeAll(async () => {
      await kubectl('default', APPLY, lines(all));
      // The API server learns of a policy some time after it has it, and makes the account that pods run as later too.
      await poll(60_000, async () => {
        for (const name of Object.keys(NAMESPACES)) await create(name, pod(DIGEST));
        expect(await refusalOf('strict', pod(TAG))).toContain('by digest only');
      });
    });
    afterAll(() => kubectl('default', ['delete', '--wait=false', '--ignore-not-found', '-f', '-'], lines(all)));

    test.each<[namespace: keyof typeof NAMESPACES, what: string, object: KubernetesObject]>([
      ['strict', 'an image by digest', pod(DIGEST)],
      ['strict', 'one that says its tag too', pod(DIGEST.replace('@', ':1.4.0@'))],
      ['silent', 'an image by tag', pod(TAG)],
      ['foreign', 'an image by tag', pod(TAG)],
    ])('a namespace that is %s takes %s', async (namespaceName, _, object) => {
      await expect(create(namespaceName, object)).resolves.toBeDefined();
    });

    test.each<[what: string, object: KubernetesObject]>([
      ['an image by tag', pod(TAG)],
      ['one without either', pod('redis')],
      ['one by a digest that is none', pod('ghcr.io/sluice/sluice@sha256:8c1f')],
      ['a pod that another prepares by tag', pod(DIGEST, [container('first', 'busybox:1.37')])],
    ])('a namespace whose images are by digest refuses %s', async (_, object) => {
      expect(await refusalOf('strict', object)).toContain('takes images by digest only');
    });

    test('a pod that was taken by digest gets no other image, and nobody is let into it with one', async () => {
      await create('strict', pod(DIGEST), []);
      const dryRun = ['--type=strategic', '--dry-run=server'];
      const patch = (fields: object, ...flags: readonly string[]) =>
        kubectl(nameOf('strict'), [
          'patch',
          'pod',
          'program',
          ...dryRun,
          ...flags,
          '-p',
          JSON.stringify({ spec: fields }),
        ]);
      const guest = (image: string) => ({ ephemeralContainers: [container('guest', image)] });
      await expect(patch({ containers: [{ name: 'main', image: TAG }] })).rejects.toThrow(
        'takes images by digest only',
      );
      await expect(patch(guest('busybox:1.37'), '--subresource=ephemeralcontainers')).rejects.toThrow('busybox:1.37');
      await expect(patch(guest(DIGEST), '--subresource=ephemeralcontainers')).resolves.toBeDefined();
    });

    test('a pod from before its namespace asked for digests is let go of, and no other by tag is taken', async () => {
      await create('late', pod(TAG), []);
      const say = Object.entries(IMAGES_LABEL).map(([key, value]) => `${key}=${value}`);
      await kubectl(nameOf('late'), ['label', 'namespace', nameOf('late'), ...say]);
      await poll(30_000, async () => {
        expect(await refusalOf('late', pod(TAG))).toContain('takes images by digest only');
      });
      await kubectl(nameOf('late'), ['annotate', 'pod', 'program', 'seen=yes']);
      const other = JSON.stringify({ spec: { containers: [{ name: 'main', image: 'busybox:1.37' }] } });
      await expect(kubectl(nameOf('late'), ['patch', 'pod', 'program', '-p', other])).rejects.toThrow('busybox:1.37');
    });

    test('a pod gets the priority of the class that it names', async () => {
      for (const { metadata, value } of classes) {
        const object = pod(TAG);
        const urgent = { ...object, spec: { ...(object.spec as object), priorityClassName: metadata.name } };
        const taken = JSON.parse(await create('silent', urgent)) as { spec: { priority: number } };
        expect(taken.spec.priority).toBe(value);
      }
    });
  });
});

function nameOf(name: string): string {
  return `sluice-test-${SUFFIX}-${name}`;
}

function namespace(name: string, labels: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: nameOf(name), labels } };
}

function renamed(object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, name: `${object.metadata.name}-${SUFFIX}` } };
}

function pod(image: string, initContainers: readonly object[] = []) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'program' },
    spec: { containers: [container('main', image)], initContainers },
  } satisfies KubernetesObject;
}

function container(name: string, image: string): object {
  return { name, image };
}

function create(name: string, object: KubernetesObject, flags = ['--dry-run=server']): Promise<string> {
  return kubectl(nameOf(name), ['create', ...flags, '-o', 'json', '-f', '-'], JSON.stringify(object));
}

async function refusalOf(name: string, object: KubernetesObject): Promise<string> {
  return create(name, object).then(
    () => 'not refused',
    (error: unknown) => (error as { readonly stderr: string }).stderr,
  );
}

function lines(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n');
}
