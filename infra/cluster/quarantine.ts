import type { KubernetesObject } from '../synth/index.ts';
import type { ApiReader } from './api-reader.ts';

/** A pair of image and configuration, as a gateway Deployment names it. */
export type Release = {
  /** What a person calls it, and its key in the record: the start of the digest (or the tag), and the configuration's hash. */
  readonly id: string;
  readonly image: string;
  readonly configuration: string;
};

/** Why a release may not be deployed again. */
export type Quarantine = {
  readonly reason: string;
  /** When, as an ISO 8601 time. */
  readonly at: string;
  /** Who: the guard or a person. */
  readonly by: string;
};

/** The ConfigMap of each namespace that keeps its quarantined releases: JSON of a Quarantine under a release's id. */
export const QUARANTINE = 'sluice-quarantine';

const GATEWAY = 'gateway';
const DIGEST_START = 12;

/** The release that the objects of an environment make. Throws when they have no gateway with hashed configuration. */
export function requireRelease(objects: readonly KubernetesObject[]): Release {
  const gateway = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === GATEWAY);
  const release = gateway && findRelease(gateway);
  if (!release) throw new Error(`there is no Deployment ${GATEWAY} with an image and hashed configuration`);
  return release;
}

/** The release that a gateway Deployment runs; undefined when it has no container or no hashed configuration. */
export function findRelease({ spec }: KubernetesObject): Release | undefined {
  const { containers = [], volumes = [] } = (spec as GatewaySpec).template.spec;
  const image = containers.find(({ name }) => name === GATEWAY)?.image;
  const configuration = volumes
    .map(({ configMap }) => /-([0-9a-f]{10})$/.exec(configMap?.name ?? '')?.[1])
    .find((hash) => hash !== undefined);
  if (image === undefined || configuration === undefined) return undefined;
  return { id: `${imageId(image)}-${configuration}`, image, configuration };
}

/** Why a release is quarantined in a namespace; undefined when it is not. Throws a ClusterError when that cannot be read. */
export async function findQuarantine(
  reader: ApiReader,
  namespace: string,
  { id }: Release,
): Promise<Quarantine | undefined> {
  const record = await reader.find({ apiVersion: 'v1', kind: 'ConfigMap' }, namespace, QUARANTINE);
  const text = (record?.data as Readonly<Record<string, string>> | undefined)?.[id];
  return text === undefined ? undefined : parseQuarantine(text);
}

/** A quarantine in one sentence. */
export function formatQuarantine({ id, image }: Release, { reason, at, by }: Quarantine): string {
  return `release ${id} (${image}) is quarantined since ${at} by ${by}: ${reason}`;
}

/** What ends a quarantine, and what does without ending it, for a person to choose from. */
export function waysOutOfQuarantine(namespace: string, { id }: Release): string {
  const patch = `[{"op":"remove","path":"/data/${id}"}]`;
  const lift = `kubectl -n ${namespace} patch configmap ${QUARANTINE} --type=json -p '${patch}'`;
  return `deploy another image or configuration, or, when the reason is gone: ${lift}`;
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

/** What cannot be read is a quarantine all the same: whoever wrote it meant one. */
function parseQuarantine(text: string): Quarantine {
  const unknown = { reason: text, at: 'unknown', by: 'unknown' };
  try {
    return { ...unknown, reason: 'no reason given', ...(JSON.parse(text) as Partial<Quarantine>) };
  } catch {
    return unknown;
  }
}
