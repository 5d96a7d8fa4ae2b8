import { toMilliseconds, type Service } from '../../../service/definition/index.ts';
import type { Experiment, LocalFault } from '../../experiment.ts';
import { oneShot } from '../chaos-mesh/objects.ts';
import type { ChaosMeshObject } from '../chaos-mesh/types.ts';
import type { Action, ChaosToolkitExperiment } from './schema.ts';

const TIMEOUT = 60;

/** The fault ends by itself so much after the method would have taken it back: Chaos Toolkit may have died. */
const MARGIN = toMilliseconds('1m');

/** How a fault comes, and goes again. */
export type Injection = {
  /** By what, for the tags. */
  readonly by: 'chaos-mesh' | 'fault-proxy';
  readonly inject: readonly Action[];
  readonly revert: Action;
  readonly configuration?: ChaosToolkitExperiment['configuration'];
  readonly fault?: ChaosMeshObject;
};

/** What a command or a request can do of an experiment: Chaos Mesh, else fault proxies; undefined: neither. */
export function injectionOf(experiment: Experiment, service: Service): Injection | undefined {
  const { chaosMesh, local } = experiment.means;
  if (chaosMesh) return byKubectl(experiment, service);
  return local?.kind === 'proxy' ? byProxy(local, toMilliseconds(experiment.duration) + MARGIN) : undefined;
}

/** Where the object of a fault stands, seen from the folder of the experiments. */
export function faultFile(id: string): string {
  return `faults/${id}.json`;
}

function byKubectl(experiment: Experiment, service: Service): Injection {
  const { id, duration } = experiment;
  const kubectl = (name: string, ...words: string[]): Action => ({
    type: 'action',
    name,
    provider: {
      type: 'process',
      path: 'kubectl',
      arguments: [...words, `--filename=${faultFile(id)}`],
      timeout: TIMEOUT,
    },
  });
  return {
    by: 'chaos-mesh',
    // Not applied: one that is there already belongs to somebody else's drill.
    inject: [kubectl('inject the fault', 'create')],
    revert: kubectl('take the fault back', 'delete', '--ignore-not-found', `--timeout=${TIMEOUT - 5}s`),
    fault: oneShot(experiment, service, { id, deadline: toMilliseconds(duration) + MARGIN }),
  };
}

function byProxy({ on, fault }: Extract<LocalFault, { readonly kind: 'proxy' }>, deadline: number): Injection {
  const request = (name: string, method: 'PUT' | 'DELETE', path: string, body?: object): Action => ({
    type: 'action',
    name,
    provider: {
      type: 'http',
      method,
      url: `\${fault_proxy_url}${path}`,
      headers: {
        Authorization: 'Bearer ${fault_proxy_key}',
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { arguments: { ...body } }),
      timeout: TIMEOUT,
    },
  });
  const ttl = Math.ceil(deadline / 1000);
  return {
    by: 'fault-proxy',
    inject: on.map((name) => request(`inject the fault into ${name}`, 'PUT', `/faults/${name}`, { fault, ttl })),
    revert: request('take the fault back', 'DELETE', '/faults'),
    configuration: {
      fault_proxy_url: { type: 'env', key: 'FAULT_PROXY_URL', default: 'http://127.0.0.1:8474' },
      // A proxy without a key asks for none.
      fault_proxy_key: { type: 'env', key: 'FAULT_PROXY_KEY', default: '' },
    },
  };
}
