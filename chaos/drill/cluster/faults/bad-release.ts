import { createHash } from 'node:crypto';
import { findRelease, GATEWAY } from '../../../../alerts/rollback/release-of.ts';
import type { Service } from '../../../../service/definition/index.ts';
import type { KubernetesFault } from '../../../experiment.ts';
import type { ProxyFault } from '../../../faults/index.ts';
import { ClusterError, type LiveObject } from '../kubernetes.ts';
import { proxyLabels, proxyNames, WISH_LABEL } from '../names.ts';
import type { Manifest } from '../place.ts';
import type { FaultKind } from './fault.ts';
import { leadsTo } from './endpoints.ts';
import { requireKeeper, serviceTo } from './proxy-pod.ts';
import { addressWhenReady, proxyPod } from './proxy-program.ts';
import { changeConfiguration, volumesOf } from './configuration.ts';

type BadRelease = KubernetesFault & { readonly kind: 'bad-release' };

/**
 * What the upstream of a bad release does. 501 and not 500: what an upstream does not have any more is not tried again
 * by the gateway, so that as many answers fail as the share says.
 */
const FAULTS: Readonly<Record<BadRelease['bad'], ProxyFault>> = {
  errors: { kind: 'status', status: 501, share: '5%' },
  latency: { kind: 'latency', latency: '450ms' },
};

const HASH_LENGTH = 10;
/** In the configuration of a bad release: the wish that it is for, so that no two have the same hash. */
const WISH_FILE = 'drill';

/**
 * A release of the gateway's own image with another configuration, in which the upstream is a fault proxy. It is bad from
 * its first pod on, takes the way that every release takes, and is for the guard to withdraw.
 */
export const badRelease: FaultKind<BadRelease> = {
  title: ({ bad }) =>
    bad === 'errors'
      ? 'a release that fails 5 % of what it asks of the upstream'
      : 'a release whose upstream answers 450 ms late',
  touches: (_fault, { namespace }) => touched(namespace),
  async plan(context, { id, fault: { bad }, ttl }) {
    const { place, service, proxies } = context;
    const [gateway, keeper] = await Promise.all([place.require('Deployment', GATEWAY), requireKeeper(place)]);
    const good = configurationOf(gateway);
    const current = await place.require('ConfigMap', good);
    const { proxy } = proxyNames('release');
    const { host, port } = targetOf(service);
    const configMap = badConfiguration(current, { origin: `http://${proxy}:${port}`, wish: id });
    return {
      undo: [
        { kind: 'configuration', good, bad: configMap.metadata.name },
        { kind: 'proxy', pod: proxy, services: [proxy] },
      ],
      async apply(signal) {
        await place.create('Service', serviceTo(keeper, proxy, id, { selector: proxyLabels('release'), port }));
        await place.create('Pod', proxyPod(keeper, { of: 'release', wish: id, port, target: host, protocol: 'http' }));
        const address = await addressWhenReady(context, proxy, signal);
        await leadsTo(context, { service: proxy, pods: [proxy], signal });
        await proxies.set(address, FAULTS[bad], ttl);
        await place.create('ConfigMap', configMap);
        signal.throwIfAborted();
        if (!(await changeConfiguration(place, good, configMap.metadata.name)))
          throw new ClusterError('failed', `another release was deployed meanwhile; drill again when it is proven`);
      },
    };
  },
};

function touched(namespace: string): readonly string[] {
  const { proxy } = proxyNames('release');
  return [
    `Pod and Service ${proxy} in ${namespace}: made, and deleted`,
    `ConfigMap gateway-config-… in ${namespace}: made; it goes with the configuration that nobody can go back to`,
    `Deployment ${GATEWAY} in ${namespace}: the configuration that its pods mount, and back by the guard, else by the keeper`,
    'the record, the quarantine and the pods of the guard, as with any release that it withdraws',
  ];
}

/** The hashed ConfigMap that a release mounts. Throws a ClusterError where there is none. */
function configurationOf(gateway: LiveObject): string {
  const release = findRelease(gateway);
  const found = volumesOf(gateway).find(
    ({ configMap }) => configMap?.name.endsWith(`-${release?.configuration ?? ' '}`) === true,
  );
  if (found?.configMap) return found.configMap.name;
  throw new ClusterError('failed', `the Deployment ${GATEWAY} mounts no hashed configuration: no release to follow`);
}

function badConfiguration(
  current: LiveObject,
  { origin, wish }: { readonly origin: string; readonly wish: string },
): Manifest {
  const { 'service.json': text = '', ...rest } = (current.data ?? {}) as Readonly<Record<string, string>>;
  const values = JSON.parse(text) as { readonly upstream: object };
  const data = {
    ...rest,
    'service.json': JSON.stringify({ ...values, upstream: { ...values.upstream, origin } }),
    [WISH_FILE]: wish,
  };
  const hash = createHash('sha256')
    .update(JSON.stringify(Object.entries(data).sort()))
    .digest('hex');
  const stem = current.metadata.name.slice(0, -HASH_LENGTH);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `${stem}${hash.slice(0, HASH_LENGTH)}`,
      // As those of every release, so that it is tidied up with them.
      labels: { ...current.metadata.labels, [WISH_LABEL]: wish },
    },
    immutable: true,
    data,
  };
}

function targetOf({ upstream }: Service): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(upstream.origin);
  if (protocol !== 'http:')
    throw new ClusterError(
      'failed',
      `the upstream ${upstream.origin} is not reached by http: no proxy can fail for it`,
    );
  return { host: hostname, port: port === '' ? 80 : Number(port) };
}
