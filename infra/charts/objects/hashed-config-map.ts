import { createHash } from 'node:crypto';
import { ConfigMap, type IConfigMap } from 'cdk8s-plus-28';
import type { Layer } from './layer.ts';
import { RETAINED } from './retained.ts';

/** Files to mount. */
export type HashedConfigMapProps = {
  /** What the name starts with; a hash of the data follows. */
  readonly name: string;
  readonly labels: Record<string, string>;
  /** Text by file name. */
  readonly data: Record<string, string>;
};

/**
 * An immutable ConfigMap whose name carries a hash of its data: changed data is another object, which rolls the pods
 * that mount it and leaves the older one in place for a roll back.
 */
export function hashedConfigMap(layer: Layer, props: HashedConfigMapProps): IConfigMap {
  const hash = createHash('sha256')
    .update(JSON.stringify(Object.entries(props.data).sort()))
    .digest('hex')
    .slice(0, 10);
  const name = `${props.name}-${hash}`;
  new ConfigMap(layer, `${props.name}-config-map`, {
    metadata: { name, labels: props.labels, annotations: { ...RETAINED } },
    immutable: true,
    data: props.data,
  });
  return ConfigMap.fromConfigMapName(layer, `${props.name}-config-map-name`, name);
}
