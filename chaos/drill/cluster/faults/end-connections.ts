import type { Proxied } from '../../../experiment.ts';
import { ClusterError, type LiveObject } from '../kubernetes.ts';
import { proxyNames } from '../names.ts';
import type { FaultContext } from './fault.ts';
import { phaseOf } from './pods.ts';
import { PROXIED } from './proxied.ts';
import { podLike } from './proxy-pod.ts';
import { waitUntil } from './wait-until.ts';

const ENDED_WITHIN_MS = 40_000;

/** Whose connections end, and for which wish. */
export type EndOptions = {
  readonly on: Proxied;
  readonly wish: string;
  readonly keeper: LiveObject;
  readonly signal: AbortSignal;
};

/** Has a store end the connections that it has, by a pod that is told its password and ends. Rejects when that one fails. */
export async function endConnectionsOf(
  { place, clock }: FaultContext,
  { on, wish, keeper, signal }: EndOptions,
): Promise<void> {
  const { secret } = PROXIED[on];
  if (!secret) return;
  const name = cutName(on);
  const pod = podLike(keeper, {
    name,
    wish,
    command: ['node', 'chaos/drill/cluster/cut/main.ts'],
    environment: {
      CUT_KIND: on === 'postgres' ? 'postgres' : 'redis',
      CUT_HOST: proxyNames(on).target,
      CUT_URL_FILE: `/run/secrets/${secret.name}/${secret.key}`,
    },
    secrets: [secret],
  });
  await place.create('Pod', pod);
  try {
    const phase = await waitUntil(
      async () => {
        const found = await place.find('Pod', name);
        const now = found ? phaseOf(found) : 'Failed';
        return now === 'Succeeded' || now === 'Failed' ? now : undefined;
      },
      { clock, what: `the pod ${name} ends the connections of ${on}`, within: ENDED_WITHIN_MS, signal },
    );
    if (phase === 'Failed')
      throw new ClusterError('failed', `${on} could not be told to end its connections: see the log of ${name}`);
  } finally {
    await place.remove('Pod', name, { gracePeriodSeconds: 0 });
  }
}

/** The pod that ends the connections of a store. */
export function cutName(on: Proxied): string {
  return `drill-cut-${on}`;
}
