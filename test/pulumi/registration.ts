import type { RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb.js';
import { decodeInputs, type Inputs } from './wire.ts';

/** The type of the resource that stands for a stack itself. */
export const STACK_TYPE = 'pulumi:pulumi:Stack';

/** One resource as a program registered it. */
export type Registration = Inputs & {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Whether a provider makes it; the stack itself is made by nobody. */
  readonly custom: boolean;
  /** URN of what provides it; empty: the default provider. */
  readonly provider: string;
  /** URNs of what it waited for. */
  readonly dependencies: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
  /** Time allowed for creation and for an update, as `600s`; undefined where the provider's default holds. */
  readonly timeouts: { readonly create: string; readonly update: string } | undefined;
};

/** Reads a request; `prefix` is the start of every URN of the stack. */
export function readRegistration(request: RegisterResourceRequest, prefix: string): Registration {
  const type = request.getType();
  const [, , parentType] = request.getParent().split('::');
  const qualified = parentType === undefined || parentType === STACK_TYPE ? type : `${parentType}$${type}`;
  const timeouts = request.getCustomtimeouts();
  return {
    ...decodeInputs(request.getObject()?.toJavaScript() ?? {}),
    urn: `${prefix}${qualified}::${request.getName()}`,
    type,
    name: request.getName(),
    custom: request.getCustom(),
    provider: request.getProvider(),
    dependencies: request.getDependenciesList(),
    ignoreChanges: request.getIgnorechangesList(),
    retainOnDelete: request.getRetainondelete() ?? false,
    protect: request.getProtect() ?? false,
    timeouts: timeouts && { create: timeouts.getCreate(), update: timeouts.getUpdate() },
  };
}
