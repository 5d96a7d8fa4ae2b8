import type { ChaosMeshFault, Experiment, KubernetesFault, LocalFault, MeansId } from '../../../chaos/index.ts';

/** What an experiment does its fault with by each means, in a few words; absent: it has no such means. */
export function meansInWords({ means }: Pick<Experiment, 'means'>): Partial<Readonly<Record<MeansId, string>>> {
  const { local, kubernetes, chaosMesh } = means;
  return {
    ...(local && { local: localInWords(local) }),
    ...(kubernetes && { kubernetes: kubernetesInWords(kubernetes) }),
    ...(chaosMesh && { chaosMesh: chaosMeshInWords(chaosMesh) }),
  };
}

function localInWords(fault: LocalFault): string {
  switch (fault.kind) {
    case 'proxy':
      return `proxy: ${fault.fault.kind} on ${fault.on.join(', ')}`;
    case 'freeze':
    case 'kill':
      return `${fault.kind} ${fault.program}`;
    default:
      return fault.kind;
  }
}

function kubernetesInWords(fault: KubernetesFault): string {
  switch (fault.kind) {
    case 'proxy':
      return `proxy: ${fault.fault.kind} on ${fault.on}`;
    case 'bad-release':
      return `bad-release by ${fault.bad}`;
    default:
      return `${fault.kind} ${fault.component}`;
  }
}

function chaosMeshInWords(fault: ChaosMeshFault): string {
  const where = 'to' in fault ? `${fault.on} to ${fault.to}` : fault.on;
  return 'action' in fault ? `${fault.kind}: ${fault.action} ${where}` : `${fault.kind}: ${where}`;
}
