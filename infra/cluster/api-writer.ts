import type { KubeConfig } from '@kubernetes/client-node';
import { remove } from '../../alerts/rollback/cluster/changes.ts';
import { connect, reasonIn, type Answer } from '../../alerts/rollback/cluster/connection.ts';
import { ClusterError } from '../../alerts/rollback/cluster/errors.ts';
import type { LiveObject } from './api-reader.ts';

/** What is written to an API server beside Pulumi. */
export type ApiWriter = {
  /** Deletes one object as it was read; false when it is gone, or no longer the same. Throws a ClusterError. */
  readonly remove: (object: LiveObject) => Promise<boolean>;
  /**
   * Sets keys of a ConfigMap, and removes those that are null, if it still is as it was read; false when it is gone, or
   * no longer the same. Throws a ClusterError.
   */
  readonly merge: (configMap: LiveObject, keys: Readonly<Record<string, string | null>>) => Promise<boolean>;
};

/** Under which name the API server notes what a person set by a command. */
const FIELD_MANAGER = 'sluice';
const MERGE_PATCH = 'application/merge-patch+json';

const FORBIDDEN = 403;
const NOT_FOUND = 404;
const CONFLICT = 409;

/** Writes to the cluster that a kubeconfig means, as its user. */
export function apiWriter(config: KubeConfig): ApiWriter {
  const connection = connect(config);
  return {
    async remove(object) {
      const path = await connection.pathOf(object, object.metadata.namespace);
      return path !== undefined && remove(connection, `${path}/${object.metadata.name}`, object);
    },
    async merge(configMap, keys) {
      const { name, namespace, resourceVersion } = configMap.metadata;
      const path = await connection.pathOf(configMap, namespace);
      if (path === undefined) return false;
      const body = { metadata: { resourceVersion }, data: keys };
      const to = `${path}/${name}?fieldManager=${FIELD_MANAGER}`;
      const answer = await connection.send('PATCH', to, body, { type: MERGE_PATCH });
      if (answer.status === CONFLICT || answer.status === NOT_FOUND) return false;
      if (answer.status === FORBIDDEN) throw forbidden(configMap, answer);
      return (answer.status >= 200 && answer.status < 300) || connection.refuse(answer, `patch ConfigMap ${name}`);
    },
  };
}

/** Names the one right that is missing. */
function forbidden({ metadata: { name, namespace = '' } }: LiveObject, { text }: Answer): ClusterError {
  const role = `{ apiGroups: [""], resources: [configmaps], resourceNames: [${name}], verbs: [get, patch] }`;
  const message = `forbidden by RBAC to patch the ConfigMap ${name}: ${reasonIn(text)}; ask for a Role in '${namespace}' with the rule ${role}`;
  return new ClusterError('forbidden', message);
}
