import type { VolumeMount } from 'cdk8s-plus-28';
import { toMebibytes, type Bytes, type Service } from '../../../service/definition/index.ts';
import { LOCAL_DISK } from '../../demand/index.ts';
import type { Component, Subject } from '../objects/labels.ts';
import type { Layer } from '../objects/layer.ts';
import { kept, scratch } from '../objects/volumes.ts';

type Storage = Service['monitoring']['storage'];
type Stored = Extract<Component, keyof Storage>;

/** What a program of monitoring may write: its volume, or what a pod may take of the disk of its node. */
export function dataSize(storage: Storage, component: Stored): Bytes {
  const size = storage[component];
  return storage.kept || toMebibytes(size) < toMebibytes(LOCAL_DISK.limit) ? size : LOCAL_DISK.limit;
}

/** Where a program of monitoring writes: to a volume that outlives its pods, or to one that does not. */
export function dataMount(
  layer: Layer,
  subject: Subject & { readonly component: Stored },
  storage: Storage,
  path: string,
): VolumeMount {
  const { component } = subject;
  const size = dataSize(storage, component);
  if (!storage.kept) return scratch(layer, component, 'data', path, size);
  return { path, volume: kept(layer, subject, `${component}-data`, size, 'at once') };
}
