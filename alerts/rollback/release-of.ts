import type { LiveObject } from './cluster/live-object.ts';
import type { Release } from './release.ts';

/** The Deployment of the gateway, and its container in it. */
export const GATEWAY = 'gateway';

/**
 * On pods, by the manifests: the oldest version that works with the schema that their release made. None before it may be
 * gone back to.
 */
export const SAFE_FROM_ANNOTATION = 'sluice/safe-from';

const DIGEST_START = 12;
const HASHED = /-([0-9a-f]{10})$/;

/** The release that the objects of an environment make. Throws when they have no gateway with hashed configuration. */
export function requireRelease(objects: readonly LiveObject[]): Release {
  const gateway = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === GATEWAY);
  const release = gateway && findRelease(gateway);
  if (!release) throw new Error(`there is no Deployment ${GATEWAY} with an image and hashed configuration`);
  return release;
}

/**
 * The release that a Deployment of the gateway or one of its ReplicaSets runs; undefined when it has no container or no
 * hashed configuration.
 */
export function findRelease({ spec }: LiveObject): Release | undefined {
  const { containers = [], volumes = [] } = (spec as GatewaySpec).template.spec;
  const image = containers.find(({ name }) => name === GATEWAY)?.image;
  const configuration = volumes
    .map(({ configMap }) => HASHED.exec(configMap?.name ?? '')?.[1])
    .find((hash) => hash !== undefined);
  if (image === undefined || configuration === undefined) return undefined;
  return { id: `${imageId(image)}-${configuration}`, image, configuration };
}

type GatewaySpec = {
  readonly template: {
    readonly spec: {
      readonly containers?: readonly { readonly name: string; readonly image: string }[];
      readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[];
    };
  };
};

function imageId(image: string): string {
  const [, digest] = /@sha256:([0-9a-f]+)$/.exec(image) ?? [];
  if (digest !== undefined) return digest.slice(0, DIGEST_START);
  return image.slice(image.lastIndexOf('/') + 1).replaceAll(/[^\w.-]/g, '-');
}
