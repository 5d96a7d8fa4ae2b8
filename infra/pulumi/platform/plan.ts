import type { KubernetesObject } from '../../synth/index.ts';
import { namespaceObject } from './objects.ts';
import { PART_IDS, type Chart, type PartId, type PlatformContext } from './part.ts';
import { PARTS } from './parts.ts';

/** A part that is on, ready to be registered. */
export type PlannedPart = {
  readonly id: PartId;
  /** Parts of the plan that it comes after. */
  readonly after: readonly PartId[];
  /** Where its chart is installed. */
  readonly namespace: string;
  /** Made before the chart. */
  readonly foundation: readonly KubernetesObject[];
  readonly release?: { readonly chart: Chart; readonly values: object };
  /** Made after the chart. */
  readonly objects: readonly KubernetesObject[];
};

/** What a stack asks for: the parts that it switches itself, and what their set-up follows from. */
export type PlatformRequest = Omit<PlatformContext, 'has'> & {
  readonly parts: Readonly<Partial<Record<PartId, boolean>>>;
};

/**
 * The parts of a platform, in the order of the table, in which each stands after those that it needs. Throws a
 * PlatformError when environments contradict.
 */
export function planPlatform(request: PlatformRequest): readonly PlannedPart[] {
  const has = (id: PartId): boolean => request.parts[id] ?? request.services.some(PARTS[id].needed.by);
  const context: PlatformContext = { ...request, has };
  return PART_IDS.filter(has).map((id) => planned(id, context));
}

function planned(id: PartId, context: PlatformContext): PlannedPart {
  const { after, chart, values, namespace, objects } = PARTS[id];
  const own = namespace && { name: namespace.name(context.services), level: namespace.level };
  return {
    id,
    after: after.filter(context.has),
    namespace: own?.name ?? 'kube-system',
    foundation: own ? [namespaceObject(own.name, own)] : [],
    ...(chart && { release: { chart, values: values?.(context) ?? {} } }),
    objects: objects?.(context) ?? [],
  };
}
