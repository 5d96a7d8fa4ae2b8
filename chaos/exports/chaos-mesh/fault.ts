import { formatDuration, toMilliseconds } from '../../../service/definition/index.ts';
import type { ChaosMeshFault, Component } from '../../experiment.ts';
import type { Chaos, Chosen } from './types.ts';

type Builders = {
  readonly [Kind in ChaosMeshFault['kind']]: (
    fault: Extract<ChaosMeshFault, { readonly kind: Kind }>,
    namespace: string,
  ) => Chaos;
};

const BUILDERS: Builders = {
  PodChaos: ({ on, action }, namespace) => ({
    kind: 'PodChaos',
    // One killed pod of several is what happens; a dependency that fails, fails whole.
    spec: { action, ...pods(on, namespace, action === 'pod-kill' ? 'one' : 'all') },
  }),
  NetworkChaos: ({ on, to, action, latency, loss }, namespace) => ({
    kind: 'NetworkChaos',
    spec: {
      action,
      ...pods(on, namespace),
      // Packets that never leave for the target need no other direction, and netem of another is refused.
      direction: action === 'partition' ? 'both' : 'to',
      // Without a target the probes of the node would be late too, and the kubelet would restart the pod with the
      // fault inside it.
      target: pods(to, namespace),
      ...(action === 'delay' && {
        delay: { latency: formatDuration(toMilliseconds(required(latency, 'latency of a delay'))) },
      }),
      ...(action === 'loss' && {
        loss: { loss: `${Number.parseFloat(required(loss, 'share of a loss'))}`, correlation: '0' },
      }),
    },
  }),
  HTTPChaos: ({ on, port, code }, namespace) => ({
    kind: 'HTTPChaos',
    spec: { ...pods(on, namespace), target: 'Response', port, replace: { code } },
  }),
  StressChaos: ({ on, cpu, memory }, namespace) => ({
    kind: 'StressChaos',
    spec: { ...pods(on, namespace, 'one'), stressors: { ...(cpu && { cpu }), ...(memory && { memory }) } },
  }),
  TimeChaos: ({ on, offset }, namespace) => ({
    kind: 'TimeChaos',
    spec: { ...pods(on, namespace, 'one'), timeOffset: offset },
  }),
  DNSChaos: ({ on, patterns }, namespace) => ({
    kind: 'DNSChaos',
    spec: { action: 'error', ...pods(on, namespace), patterns },
  }),
};

/** The fault of an experiment as Chaos Mesh does it, in one namespace, without its duration. */
export function chaosOf(fault: ChaosMeshFault, namespace: string): Chaos {
  const build = BUILDERS[fault.kind] as (fault: ChaosMeshFault, namespace: string) => Chaos;
  return build(fault, namespace);
}

function pods(component: Component, namespace: string, mode: Chosen['mode'] = 'all'): Chosen {
  return {
    mode,
    selector: { namespaces: [namespace], labelSelectors: { 'app.kubernetes.io/component': component } },
  };
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a fault of Chaos Mesh lacks the ${what}: add it to the experiment`);
  return value;
}
