import { describe, expect, test } from '@jest/globals';
import { synthesize } from '../../infra/synth/index.ts';
import { definition, DefinitionError, withValues } from '../../service/definition/index.ts';
import { workloadsOf } from '../support/workloads.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** The paths of all images that prod names by their tags. */
function tagged(): readonly string[] {
  try {
    withValues(definition.prod, ['images=digest']);
    return [];
  } catch (error) {
    return (error as DefinitionError).findings.map(({ path }) => path);
  }
}

/** Values with which every image of prod has a digest. */
function pinned(): readonly string[] {
  return tagged().map((path) => {
    if (path === 'image.digest') return `${path}=${DIGEST}`;
    const image = path
      .split('.')
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], definition.prod);
    return `${path}=${String(image)}@${DIGEST}`;
  });
}

describe('where images are named by digest', () => {
  test('each that is not is told by its path, with what would be right', () => {
    expect(tagged()).toEqual(
      expect.arrayContaining(['image.digest', 'datastores.postgres.image', 'stores.redis.image']),
    );
    expect(() => withValues(definition.prod, ['images=digest'])).toThrow(
      `stores.redis.image (prod): is "${definition.prod.stores.redis.image}", must be the same with its digest, '${definition.prod.stores.redis.image}@sha256:...'`,
    );
  });

  test.each(['operator', 'standalone'])('no pod runs an image of another name, with %s monitoring', (kind) => {
    const service = withValues(definition.prod, ['images=digest', `monitoring.kind=${kind}`, ...pinned()]);
    const images = workloadsOf(synthesize(service).manifests).flatMap(({ pod }) =>
      [...pod.containers, ...(pod.initContainers ?? [])].map(({ image }) => image),
    );

    expect(images.length).toBeGreaterThan(4);
    for (const image of images) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  test('the version of a pod is still that of the tag', () => {
    const service = withValues(definition.prod, [`datastores.postgres.image=postgres:15.8-bookworm@${DIGEST}`]);
    const postgres = workloadsOf(synthesize(service).manifests).find(({ name }) => name === 'postgres');

    expect(postgres?.labels['app.kubernetes.io/version']).toBe('15.8-bookworm');
    expect(postgres?.pod.containers[0]?.image).toBe(`postgres:15.8-bookworm@${DIGEST}`);
  });

  test.each(['postgres', 'postgres@sha256:12', `postgres@${DIGEST}`, 'postgres:15@sha1:abc', 'postgres:'])(
    '%s is no image',
    (image) => {
      expect(() => withValues(definition.prod, [`datastores.postgres.image=${image}`])).toThrow(
        'must be an image with its tag',
      );
    },
  );
});
