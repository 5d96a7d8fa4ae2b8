import type { Service } from '../../../../service/definition/index.ts';
import type { KubernetesFault, Proxied } from '../../../experiment.ts';
import { ClusterError, type LiveObject } from '../kubernetes.ts';
import { proxyLabels, proxyNames, SELECTOR_ANNOTATION } from '../names.ts';
import type { FaultKind } from './fault.ts';
import { cutName, endConnectionsOf } from './end-connections.ts';
import { PROXIED } from './proxied.ts';
import { requireKeeper, serviceTo } from './proxy-pod.ts';
import { addressWhenReady, proxyPod } from './proxy-program.ts';
import { moveConnections, replicasUndo } from './move-connections.ts';
import { leadsTo } from './endpoints.ts';

type ProxyFaultKind = KubernetesFault & { readonly kind: 'proxy' };

/** Tables of addresses on nodes follow those of the API server by about so much. */
const SETTLE_MS = 1_500;

/** The Service of a component leads to a fault proxy, and the proxy to the component. */
export const proxy: FaultKind<ProxyFaultKind> = {
  title: ({ on, fault }) => `a fault proxy in front of ${on}: ${fault.kind}`,
  touches: ({ on }, service) => touched(on, service),
  async plan(context, { id, fault: { on, fault }, ttl }) {
    const { place, service, clock, proxies } = context;
    const why = PROXIED[on].notHere(service);
    if (why !== undefined) throw new ClusterError('failed', `no fault proxy in front of ${on}: ${why}`);
    const [target, keeper] = await Promise.all([place.require('Service', on), requireKeeper(place)]);
    const { selector, port } = fieldsOf(target);
    const names = proxyNames(on);
    const replicas = await replicasUndo(context, on);
    const turned = { ...nulled(selector), ...proxyLabels(on) };
    return {
      undo: [
        { kind: 'proxy', pod: names.proxy, services: [names.target], turned: { service: on, selector } },
        ...replicas,
      ],
      async apply(signal) {
        await place.create('Service', serviceTo(keeper, names.target, id, { selector, port }));
        const pod = proxyPod(keeper, { of: on, wish: id, port, target: names.target, protocol: PROXIED[on].protocol });
        await place.create('Pod', pod);
        const address = await addressWhenReady(context, names.proxy, signal);
        await place.merge('Service', on, {
          metadata: { annotations: { [SELECTOR_ANNOTATION]: JSON.stringify(selector) } },
          spec: { selector: turned },
        });
        await leadsTo(context, { service: on, pods: [names.proxy], signal });
        await clock.wait(SETTLE_MS, signal);
        signal.throwIfAborted();
        if (PROXIED[on].secret) await endConnectionsOf(context, { on, wish: id, keeper, signal });
        else await moveConnections(context, { on, signal });
        await proxies.set(address, fault, ttl);
      },
    };
  },
};

function touched(on: Proxied, { namespace }: Service): readonly string[] {
  const names = proxyNames(on);
  return [
    `Pod ${names.proxy} in ${namespace}: made, and deleted`,
    `Service ${names.target} in ${namespace}: made, and deleted`,
    `Service ${on} in ${namespace}: its selector leads to the Pod ${names.proxy}, and back`,
    PROXIED[on].secret
      ? `connections to ${on}: ended once by ${on} itself, told so by the Pod ${cutName(on)}, which is made, and deleted`
      : `Pods of ${on} in ${namespace}: as many again are added, and those that were there go with their grace`,
  ];
}

/** What a Service picks, and the port of the pods. Throws a ClusterError where a proxy could not stand in for them. */
function fieldsOf({ metadata, spec }: LiveObject): {
  readonly selector: Readonly<Record<string, string>>;
  readonly port: number;
} {
  const { selector, ports = [] } = spec as {
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly { readonly targetPort?: number | string }[];
  };
  const [only, ...more] = ports;
  if (!selector || typeof only?.targetPort !== 'number' || more.length > 0)
    throw new ClusterError('failed', `the Service ${metadata.name} has no selector and one numbered port to turn`);
  if (metadata.annotations?.[SELECTOR_ANNOTATION] !== undefined)
    throw new ClusterError('failed', `the Service ${metadata.name} is turned to a fault proxy already`);
  return { selector, port: only.targetPort };
}

/** In a merge, what is to go is named. */
function nulled(selector: Readonly<Record<string, string>>): Readonly<Record<string, null>> {
  return Object.fromEntries(Object.keys(selector).map((key) => [key, null]));
}
