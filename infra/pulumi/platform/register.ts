import { helm } from '@pulumi/kubernetes';
import type { CustomResource } from '@pulumi/pulumi';
import type { Duration } from '../../../service/definition/index.ts';
import { toSeconds } from '../../../service/definition/index.ts';
import type { KubernetesObject } from '../../synth/index.ts';
import { registerObjects, type SharedOptions } from '../bridge.ts';
import type { PartId } from './part.ts';
import type { PlannedPart } from './plan.ts';

// A whole monitoring with its images on an empty node takes minutes.
const WAIT: Duration = '10m';

/** What a part gets beside its plan, because only Pulumi may know it. */
export type Secrets = Readonly<Partial<Record<PartId, readonly KubernetesObject[]>>>;

/** Registers each part: its namespace and secrets, its chart, its objects; parts that need nothing go in parallel. */
export function registerPlatform(
  parts: readonly PlannedPart[],
  secrets: Secrets,
  shared: Pick<SharedOptions, 'provider'> = {},
): void {
  const registered = new Map<PartId, readonly CustomResource[]>();
  for (const part of parts) {
    const before = part.after.flatMap((id) => registered.get(id) ?? []);
    const foundation = [...part.foundation, ...(secrets[part.id] ?? [])];
    const first = registerObjects(foundation, WAIT, { ...shared, dependsOn: before });
    const chart = release(part, { ...shared, dependsOn: [...before, ...first] });
    const last = registerObjects(part.objects, WAIT, { ...shared, dependsOn: [...before, ...chart] });
    registered.set(part.id, [...first, ...chart, ...last]);
  }
}

function release({ id, namespace, release: planned }: PlannedPart, options: SharedOptions): readonly CustomResource[] {
  if (!planned) return [];
  const { chart, values } = planned;
  const resource = new helm.v3.Release(
    id,
    {
      // Names of Services come from it, and others know them.
      name: id,
      namespace,
      createNamespace: false,
      chart: chart.name,
      version: chart.version,
      ...(chart.repository !== undefined && { repositoryOpts: { repo: chart.repository } }),
      values,
      // What cannot be installed leaves nothing behind that the next attempt would trip over.
      atomic: true,
      cleanupOnFail: true,
      timeout: toSeconds(WAIT),
    },
    { ...(options.provider && { provider: options.provider }), dependsOn: [...(options.dependsOn ?? [])] },
  );
  return [resource];
}
