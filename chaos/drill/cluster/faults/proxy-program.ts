import { troubleOf } from '../../../../alerts/rollback/cluster/pod-trouble.ts';
import { DRILL_KEY, DRILL_PROXY_PORT, secretFile } from '../../../../service/definition/index.ts';
import type { Component } from '../../../experiment.ts';
import type { LiveObject } from '../kubernetes.ts';
import type { Manifest } from '../place.ts';
import { ClusterError } from '../kubernetes.ts';
import { proxyNames } from '../names.ts';
import type { FaultContext } from './fault.ts';
import { addressOf, isReady } from './pods.ts';
import { PROXIED_NAME } from './proxy-control.ts';
import { podLike } from './proxy-pod.ts';
import { waitUntil } from './wait-until.ts';

/** Which proxy, and where it leads. */
export type ProxyWanted = {
  readonly of: Component | 'release';
  readonly wish: string;
  /** Of the proxy and of what it stands in front of. */
  readonly port: number;
  /** Host of what it stands in front of. */
  readonly target: string;
  readonly protocol: 'tcp' | 'http';
};

const STARTED_WITHIN_MS = 60_000;
const EVERYWHERE = '0.0.0.0';

/** The pod of a fault proxy, which lets everything pass until it is told otherwise. */
export function proxyPod(keeper: LiveObject, { of, wish, port, target, protocol }: ProxyWanted): Manifest {
  const settings = {
    control: { host: EVERYWHERE, port: DRILL_PROXY_PORT },
    proxies: [{ name: PROXIED_NAME, listen: { host: EVERYWHERE, port }, target: { host: target, port }, protocol }],
  };
  return podLike(keeper, {
    name: proxyNames(of).proxy,
    of,
    wish,
    command: ['node', 'chaos/faults/main.ts'],
    environment: { FAULT_PROXY: JSON.stringify(settings), FAULT_PROXY_KEY_FILE: secretFile(DRILL_KEY) },
    ports: [port, DRILL_PROXY_PORT],
    secrets: [{ name: DRILL_KEY.secret, key: DRILL_KEY.key }],
    readinessPort: DRILL_PROXY_PORT,
  });
}

/** The address of a pod once it is Ready. Rejects when it is not in time, or gone. */
export async function addressWhenReady(
  { place, clock }: FaultContext,
  pod: string,
  signal: AbortSignal,
): Promise<string> {
  let trouble = '';
  const look = async (): Promise<string | undefined> => {
    const found = await place.find('Pod', pod);
    if (!found) throw new ClusterError('failed', `the pod ${pod} is gone; somebody has deleted it`);
    trouble = troubleOf(found, [])?.problem ?? trouble;
    return isReady(found) ? addressOf(found) : undefined;
  };
  try {
    return await waitUntil(look, { clock, what: `the pod ${pod} is Ready`, within: STARTED_WITHIN_MS, signal });
  } catch (error) {
    if (trouble === '' || signal.aborted) throw error;
    throw new ClusterError('failed', `${(error as Error).message}: ${trouble}`, error);
  }
}
