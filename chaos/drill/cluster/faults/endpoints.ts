import type { FaultContext } from './fault.ts';
import { waitUntil } from './wait-until.ts';

const KNOWN_WITHIN_MS = 20_000;

type Slice = {
  readonly endpoints?: readonly { readonly targetRef?: { readonly name: string } }[] | null;
};

/** Waits until a Service leads to these pods and no others. */
export async function leadsTo(
  { place, clock }: FaultContext,
  {
    service,
    pods,
    signal,
  }: { readonly service: string; readonly pods: readonly string[]; readonly signal?: AbortSignal },
): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const slices = (await place.list('EndpointSlice', { 'kubernetes.io/service-name': service })) as unknown as Slice[];
    const found = slices.flatMap(({ endpoints }) => endpoints ?? []).map(({ targetRef }) => targetRef?.name ?? '');
    return found.length === pods.length && found.every((name) => pods.includes(name)) ? true : undefined;
  };
  await waitUntil(look, {
    clock,
    what: `the Service ${service} leads to ${pods.join(', ')}`,
    within: KNOWN_WITHIN_MS,
    ...(signal && { signal }),
  });
}

/** Waits until a Service leads to a pod no longer. */
export async function leadsAwayFrom(
  { place, clock }: FaultContext,
  { service, pod }: { readonly service: string; readonly pod: string },
): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const slices = (await place.list('EndpointSlice', { 'kubernetes.io/service-name': service })) as unknown as Slice[];
    const isThere = slices.some(({ endpoints }) => (endpoints ?? []).some(({ targetRef }) => targetRef?.name === pod));
    return isThere ? undefined : true;
  };
  await waitUntil(look, { clock, what: `the Service ${service} leads away from ${pod}`, within: KNOWN_WITHIN_MS });
}
