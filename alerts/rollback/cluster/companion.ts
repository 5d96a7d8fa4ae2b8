import { GATEWAY } from '../release-of.ts';
import { COMPANIONS } from '../state.ts';
import { FIELD_MANAGER } from './changes.ts';
import { OF_ANNOTATION, UNTIL_ANNOTATION } from './facts-of.ts';
import type { LiveObject } from './live-object.ts';
import { templateWithoutHash } from './template.ts';

/** What a Deployment beside the gateway's shall be. */
export type Wanted = {
  readonly as: keyof typeof COMPANIONS;
  /** Hash of the revision that it runs. */
  readonly of: string;
  readonly pods: number;
  /** In milliseconds since 1970; absent: as long as it is wanted. */
  readonly until?: number;
};

const NAME = 'app.kubernetes.io/name';
const INSTANCE = 'app.kubernetes.io/instance';
const COMPONENT = 'app.kubernetes.io/component';
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const PART_OF = 'app.kubernetes.io/part-of';

/**
 * What selects the pods: the baseline's are in the Service, which goes by the name alone; those of a withdrawn release
 * are not. Neither is ever of the gateway's own Deployment, autoscaler or disruption budget, which go by the instance.
 */
const SELECTORS: Readonly<Record<keyof typeof COMPANIONS, Readonly<Record<string, string>>>> = {
  baseline: { [NAME]: GATEWAY, [INSTANCE]: COMPANIONS.baseline },
  withdrawn: { [NAME]: COMPANIONS.withdrawn, [INSTANCE]: COMPANIONS.withdrawn },
};

/** The Deployment of a companion, from the ReplicaSet whose revision it runs; it goes when the gateway's goes. */
export function companionOf({ as, of, pods, until }: Wanted, set: LiveObject, gateway: LiveObject): LiveObject {
  const template = templateWithoutHash(set);
  const { [PART_OF]: part } = gateway.metadata.labels ?? {};
  const own = {
    ...SELECTORS[as],
    [COMPONENT]: as,
    [MANAGED_BY]: FIELD_MANAGER,
    ...(part !== undefined && { [PART_OF]: part }),
  };
  const annotations = {
    [OF_ANNOTATION]: of,
    ...(until !== undefined && { [UNTIL_ANNOTATION]: new Date(until).toISOString() }),
  };
  const { apiVersion, kind, metadata } = gateway;
  return {
    apiVersion,
    kind,
    metadata: {
      name: COMPANIONS[as],
      labels: own,
      annotations,
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }],
    },
    spec: {
      replicas: pods,
      // Nobody goes back to an earlier template of it: it never has another one.
      revisionHistoryLimit: 0,
      selector: { matchLabels: SELECTORS[as] },
      template: {
        ...template,
        metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...own } },
      },
    },
  };
}

/** Whether the guard made it, and for which revision. */
export function madeFor({ metadata: { labels = {}, annotations = {} } }: LiveObject): string | undefined {
  return labels[MANAGED_BY] === FIELD_MANAGER ? (annotations[OF_ANNOTATION] ?? '') : undefined;
}
