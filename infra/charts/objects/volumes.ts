import { Size } from 'cdk8s';
import {
  EmptyDirMedium,
  PersistentVolumeAccessMode,
  PersistentVolumeClaim,
  Secret,
  Volume,
  type IConfigMap,
  type VolumeMount,
} from 'cdk8s-plus-28';
import { SECRETS_FOLDER, toMebibytes, type Bytes } from '../../../service/definition/index.ts';
import { labels, type Component, type Subject } from './labels.ts';
import type { Layer } from './layer.ts';
import { claimSize, patch } from './patches.ts';
import { RETAINED } from './retained.ts';
import { inWave } from './waves.ts';

// Readable by the pod's group, which is the container's own, and by nobody else.
const FILE_MODE = 0o440;

/** Where the files of a Secret appear in a container. */
export function secretPath(secret: string): string {
  return `${SECRETS_FOLDER}/${secret}`;
}

/**
 * The named keys of a Secret as files below `secretPath`. A pod waits for the Secret, unless it is optional: then files
 * are there as far as the Secret is.
 */
export function secretFiles(
  layer: Layer,
  component: Component,
  secret: string,
  keys: readonly string[],
  { optional = false } = {},
): VolumeMount {
  const id = `${component}-secret-${secret}`;
  const volume = Volume.fromSecret(layer, id, Secret.fromSecretName(layer, `${id}-reference`, secret), {
    name: `secret-${secret}`,
    defaultMode: FILE_MODE,
    items: Object.fromEntries(keys.map((key) => [key, { path: key }])),
    ...(optional && { optional }),
  });
  return { path: secretPath(secret), volume, readOnly: true };
}

/** Every file of a ConfigMap below a path. */
export function configFiles(layer: Layer, component: Component, configMap: IConfigMap, path: string): VolumeMount {
  return filesAt(layer, component, 'config', configMap, path);
}

/** `configFiles`, for a program that has several ConfigMaps: each a volume of its own name. */
export function filesAt(
  layer: Layer,
  component: Component,
  name: string,
  configMap: IConfigMap,
  path: string,
): VolumeMount {
  return { path, volume: Volume.fromConfigMap(layer, `${component}-${name}`, configMap, { name }), readOnly: true };
}

/** A folder to write to, lost with the pod; a pod that fills it is evicted before the node suffers. */
export function scratch(layer: Layer, component: Component, name: string, path: string, size: Bytes): VolumeMount {
  const sizeLimit = Size.mebibytes(toMebibytes(size));
  return { path, volume: Volume.fromEmptyDir(layer, `${component}-${name}`, name, { sizeLimit }) };
}

/** A folder for what is secret: in memory, as Kubernetes keeps Secrets, and on no disk of the node. */
export function secretScratch(
  layer: Layer,
  component: Component,
  name: string,
  path: string,
  size: Bytes,
): VolumeMount {
  const options = { medium: EmptyDirMedium.MEMORY, sizeLimit: Size.mebibytes(toMebibytes(size)) };
  return { path, volume: Volume.fromEmptyDir(layer, `${component}-${name}`, name, options) };
}

/**
 * A volume that outlives the pods that use it, one after the other. One that is not used at once is applied late, since
 * Argo CD waits after each wave but the last until every claim has its volume.
 */
export function kept(
  layer: Layer,
  subject: Subject,
  name: string,
  size: Bytes,
  used: 'at once' | 'later',
): VolumeMount['volume'] {
  const made = new PersistentVolumeClaim(layer, `${name}-claim`, {
    metadata: {
      name,
      labels: labels(subject),
      // Many storage classes bind a claim to a volume only when the first pod uses it, which may be tomorrow.
      annotations: { 'pulumi.com/skipAwait': 'true', ...RETAINED, ...(used === 'later' && inWave('gateway')) },
    },
    accessModes: [PersistentVolumeAccessMode.READ_WRITE_ONCE],
    storage: Size.gibibytes(Math.ceil(toMebibytes(size) / 1024)),
  });
  patch(made, [claimSize(size)]);
  const claim = PersistentVolumeClaim.fromClaimName(layer, `${name}-claim-name`, name);
  return Volume.fromPersistentVolumeClaim(layer, `${name}-volume`, claim, { name });
}

/** The volume that a StatefulSet claims for its pod; the claim itself stands in the StatefulSet. */
export function claimed(layer: Layer, component: Component, name: string, path: string): VolumeMount {
  const id = `${component}-${name}`;
  const claim = PersistentVolumeClaim.fromClaimName(layer, `${id}-claim`, name);
  return { path, volume: Volume.fromPersistentVolumeClaim(layer, id, claim, { name }) };
}
