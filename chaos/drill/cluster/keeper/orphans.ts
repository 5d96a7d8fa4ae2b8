import type { Proxied } from '../../../experiment.ts';
import { cutName } from '../faults/end-connections.ts';
import { putBack, type FaultContext } from '../faults/index.ts';
import { PROXIED } from '../faults/proxied.ts';
import type { Undo } from '../journal/index.ts';
import { PROXY_OF_LABEL, proxyNames, SELECTOR_ANNOTATION } from '../names.ts';

/**
 * Takes back what no journal knows of: fault proxies, and Services that are turned to one, as when somebody has emptied
 * the journal under a fault. A Service says itself where it led. What was taken back, a line each.
 */
export async function takeBackOrphans(context: FaultContext): Promise<readonly string[]> {
  const { place } = context;
  const found: string[] = [];
  const made = await place.list('Pod', { 'app.kubernetes.io/component': 'drill-proxy' });
  const pods = new Set(made.map(({ metadata }) => metadata.name));
  for (const on of Object.keys(PROXIED) as Proxied[]) {
    const { proxy, target } = proxyNames(on);
    const turned = await turnedFrom(context, on);
    if (turned === undefined && !pods.has(proxy)) continue;
    await putBack(context, { kind: 'proxy', pod: proxy, services: [target], ...(turned && { turned }) });
    found.push(turned ? `the Service ${on} led to a fault proxy` : `the pod ${proxy}`);
  }
  const { proxy } = proxyNames('release');
  if (pods.has(proxy)) {
    await putBack(context, { kind: 'proxy', pod: proxy, services: [proxy] });
    found.push(`the pod ${proxy}`);
  }
  for (const name of (Object.keys(PROXIED) as Proxied[]).map(cutName).filter((each) => pods.has(each))) {
    await place.remove('Pod', name, { gracePeriodSeconds: 0 });
    found.push(`the pod ${name}`);
  }
  return found;
}

type Turned = NonNullable<Extract<Undo, { readonly kind: 'proxy' }>['turned']>;

/** Where a Service led before it was turned to a proxy; undefined: it is not. */
async function turnedFrom({ place }: FaultContext, service: string): Promise<Turned | undefined> {
  const found = await place.find('Service', service);
  const { [SELECTOR_ANNOTATION]: text } = found?.metadata.annotations ?? {};
  const { selector = {} } = (found?.spec ?? {}) as { readonly selector?: Readonly<Record<string, string>> };
  if (text === undefined || selector[PROXY_OF_LABEL] === undefined) return undefined;
  return { service, selector: JSON.parse(text) as Turned['selector'] };
}
