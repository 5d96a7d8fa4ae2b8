import type { KubeConfig } from '@kubernetes/client-node';
import type { LiveObject } from './api-reader.ts';
import { connect } from './api-server.ts';

/** The one thing that is written to an API server beside Pulumi. */
export type ApiWriter = {
  /** Deletes one object as it was read; false when it is gone, or no longer the same. Throws a ClusterError. */
  readonly remove: (object: LiveObject) => Promise<boolean>;
};

const CONFLICT = 409;
const NOT_FOUND = 404;

/** Writes to the cluster that a kubeconfig means, as its user. */
export function apiWriter(config: KubeConfig): ApiWriter {
  const { pathOf, refuse, send } = connect(config);
  return {
    async remove(object) {
      const { kind, metadata } = object;
      const { uid, resourceVersion } = metadata as { readonly uid?: string; readonly resourceVersion?: string };
      const path = await pathOf(object, metadata.namespace);
      if (path === undefined) return false;
      const options = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } };
      const answer = await send('DELETE', `${path}/${metadata.name}`, options);
      if (answer.status === CONFLICT || answer.status === NOT_FOUND) return false;
      return (answer.status >= 200 && answer.status < 300) || refuse(answer, `delete ${kind} ${metadata.name}`);
    },
  };
}
