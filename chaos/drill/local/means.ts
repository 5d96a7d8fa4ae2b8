import type { ChaosMeshFault, Experiment, KubernetesFault, LocalFault } from '../../experiment.ts';
import type { ProxyFault } from '../../faults/index.ts';
import { missing, type Servers } from './server-programs.ts';

/** Why a laptop cannot do what only Kubernetes or Chaos Mesh can, by the kind of fault. */
const ONLY_A_CLUSTER: Readonly<Record<KubernetesFault['kind'] | ChaosMeshFault['kind'], string>> = {
  'kill-pod': 'only a cluster has pods to kill',
  'evict-pods': 'only a cluster has pods to evict',
  proxy: 'only a cluster has Services to point elsewhere',
  'scale-away': 'only a cluster has components to scale away',
  'bad-release': 'only a cluster has releases',
  PodChaos: 'only a cluster has pods to kill',
  NetworkChaos: 'only a cluster has networks to cut, with Chaos Mesh',
  HTTPChaos: 'only a cluster has Chaos Mesh',
  StressChaos: 'only a cluster has containers to put under stress, with Chaos Mesh',
  TimeChaos: 'only a cluster has clocks to move, with Chaos Mesh',
  DNSChaos: 'only a cluster has names to resolve, with Chaos Mesh',
};

/** The fault of an experiment that a laptop can do, or why it cannot. */
export function localFaultOf(
  { means }: Pick<Experiment, 'means'>,
  servers: Servers,
): { readonly fault: LocalFault } | { readonly skipped: string } {
  const { local, kubernetes, chaosMesh } = means;
  if (local && 'program' in local && local.program === 'alertmanager' && servers.alertmanager === undefined)
    return { skipped: missing('alertmanager') };
  if (local) return { fault: local };
  const elsewhere = kubernetes ?? chaosMesh;
  return { skipped: elsewhere ? ONLY_A_CLUSTER[elsewhere.kind] : 'the experiment names no means' };
}

/** What a fault does, a line for each program that it touches. */
export function describeFault(fault: LocalFault): readonly string[] {
  switch (fault.kind) {
    case 'proxy':
      return fault.on.map((name) => `the fault proxy in front of ${name} ${describeProxyFault(fault.fault)}`);
    case 'freeze':
      return [fault.program === 'gateway' ? 'a worker of the gateway stands still' : `${fault.program} stands still`];
    case 'kill':
      return [
        fault.program === 'gateway'
          ? 'a worker of the gateway is killed'
          : `${fault.program} is killed, and started again in the end`,
      ];
    case 'postgres-connections':
      return ['postgres has no connection left'];
    case 'log-stuck':
      return ['nobody reads the log of the gateway'];
    case 'expire-key':
      return [
        'the caches of the gateway forget everything',
        `the fault proxy in front of upstream delays everything by ${fault.latency}`,
      ];
  }
}

function describeProxyFault(fault: ProxyFault): string {
  switch (fault.kind) {
    case 'latency':
      return `delays everything by ${fault.latency}${fault.jitter === undefined ? '' : ` ± ${fault.jitter}`}`;
    case 'bandwidth':
      return `passes ${fault.perSecond} a second`;
    case 'reset':
      return 'resets every connection';
    case 'refuse':
      return 'refuses every connection';
    case 'black-hole':
      return 'takes connections and passes nothing';
    case 'half-open':
      return 'forgets the connections that are';
    case 'cut':
      return `cuts each answer after ${fault.after} bytes`;
    case 'status':
      return `answers ${fault.status} to ${fault.share ?? '100%'} of the requests`;
    case 'slow-body':
      return `passes ${fault.perSecond} a second of each answer's body`;
  }
}
