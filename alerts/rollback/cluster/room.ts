import type { LiveObject } from './live-object.ts';
import { canonicalResource, needOfPod, type PodTemplate } from './pod-need.ts';
import { parseQuantity } from './quantity.ts';

type Quota = {
  readonly spec?: { readonly scopes?: readonly string[]; readonly scopeSelector?: unknown };
  readonly status?: { readonly hard?: Quantities; readonly used?: Quantities };
};
type Quantities = Readonly<Record<string, string>>;

// What is left of sums of decimal fractions.
const ROUNDING = 1e-9;

/** How many more pods of a template the quotas of a namespace admit; undefined when none of them counts such pods. */
export function roomFor(template: PodTemplate, quotas: readonly LiveObject[]): number | undefined {
  const need = needOfPod(template);
  const rooms = quotas.flatMap((quota) => {
    const { spec = {}, status = {} } = quota as Quota;
    // A quota of some pods only may not be about ours.
    if ((spec.scopes ?? []).length > 0 || spec.scopeSelector !== undefined) return [];
    return Object.entries(status.hard ?? {}).flatMap(([resource, hard]) => {
      const each = need[canonicalResource(resource)] ?? 0;
      const left = parseQuantity(hard) - parseQuantity(status.used?.[resource] ?? 0);
      return each > 0 ? [Math.max(0, Math.floor(left / each + ROUNDING))] : [];
    });
  });
  return rooms.length === 0 ? undefined : Math.min(...rooms);
}
