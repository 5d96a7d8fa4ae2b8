import type { Service } from '../../../service/definition/index.ts';
import { flows } from '../../charts/flows.ts';
import type { Flow } from '../../charts/network/flow.ts';
import { admission, type Direction } from '../../network/index.ts';
import type { Breach, Invariant } from '../finding.ts';
import { environmentNetwork, type ComponentPod, type EnvironmentNetwork } from '../network/environment-network.ts';
import { means, others, type Other } from '../network/others.ts';
import { describeRanges, wrongRanges, type PortRange, type ProtocolPort } from '../network/port-ranges.ts';

/** The NetworkPolicies allow exactly the declared flows, and what every pod needs: its node, and name resolution. */
export const declaredFlows: Invariant = {
  id: 'flows',
  layers: ['network', 'gateway', 'upstream', 'Redis', 'Postgres', 'metrics', 'alerts'],
  reason:
    'A policy that leaves out a flow shows as time-outs between two programs. One that allows more shows as nothing ' +
    'at all, until a program is taken over and the stores and the credentials of the cloud are a connection away.',
  formula: 'what the NetworkPolicies allow = declared flows + probes of the node + name resolution',
  example: {
    edit: 'no NetworkPolicy for Postgres',
    breaches: (service) => {
      const network = environmentNetwork(service);
      const policies = network.policies.filter(({ metadata }) => metadata.name !== 'postgres');
      return wrongFlows(service, { ...network, policies });
    },
  },
  check: (service) => wrongFlows(service),
};

/** Every pair of ends whose traffic the policies allow otherwise than the flows say, each direction by itself. */
export function wrongFlows(service: Service, network: EnvironmentNetwork = environmentNetwork(service)): Breach[] {
  const rows = flows(service);
  const ends = others(network.pods, rows, service.namespace);
  const found = network.pods.flatMap((own) =>
    DIRECTIONS.flatMap((direction) => {
      const differences = ends.flatMap((other) => differencesOf({ direction, own, other }, rows, network));
      const same = Map.groupBy(differences, ({ cause }) => cause);
      return [...same.values()].flatMap((group) => breaches(direction, own, group));
    }),
  );
  // The pod that a release is compared with is a gateway like the others, and has their faults.
  return [...new Map(found.map((breach) => [`${breach.path}: ${breach.problem}`, breach])).values()];
}

type Pair = { readonly direction: Direction; readonly own: ComponentPod; readonly other: Other };

type Difference = {
  readonly other: Other;
  readonly kind: 'missing' | 'extra';
  readonly ports: string;
  /** Policies that allow what is too much, or that isolate what is missing. */
  readonly policies: readonly string[];
  /** What differences with one cause have in common. */
  readonly cause: string;
};

const DIRECTIONS: readonly Direction[] = ['Ingress', 'Egress'];

/** What every pod may do beside the flows: ask for the address of a name. */
const NAME_RESOLUTION: readonly ProtocolPort[] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];

function differencesOf(pair: Pair, rows: readonly Flow[], { policies }: EnvironmentNetwork): Difference[] {
  const { direction, own, other } = pair;
  const found = admission(direction, own.pod, other.end, { policies });
  const receiver = direction === 'Ingress' ? own.pod : 'pod' in other.end ? other.end.pod : undefined;
  const { missing, extra } = wrongRanges(found, declared(pair, rows), receiver);
  const difference = (kind: Difference['kind'], ranges: readonly PortRange[], by: readonly string[]): Difference[] => {
    if (ranges.length === 0) return [];
    const ports = describeRanges(ranges);
    return [{ other, kind, ports, policies: by, cause: JSON.stringify([kind, ports, by]) }];
  };
  const allowing = [...new Set(extra.flatMap(({ by }) => by))];
  return [...difference('missing', missing, found.isolatedBy), ...difference('extra', extra, allowing)];
}

/** The ports that a pod is to be reached at by another end, or is to reach there. */
function declared({ direction, own, other }: Pair, rows: readonly Flow[]): readonly ProtocolPort[] | 'all' {
  // Its kubelet, which probes it, among others.
  if (other.is === 'own-node') return 'all';
  const ports = rows
    .filter(({ from, to }) => {
      const [mine, theirs] = direction === 'Ingress' ? [to, from] : [from, to];
      return mine === own.component && means(theirs, other, own.pod.namespace);
    })
    .flatMap((flow) => flow.ports.map((port): ProtocolPort => ({ protocol: 'TCP', port })));
  return direction === 'Egress' && other.is === 'name-server' ? [...ports, ...NAME_RESOLUTION] : ports;
}

/** Differences of one cause, told once. */
function breaches(direction: Direction, { component }: ComponentPod, group: readonly Difference[]): Breach[] {
  const [first] = group;
  if (!first) return [];
  const { kind, ports, policies } = first;
  const side = direction.toLowerCase();
  const names = listed([...new Set(group.map(({ other }) => other.name))]);
  const act = `${direction === 'Ingress' ? 'be reached by' : 'connect to'} ${names} at ${ports}`;
  const named = `NetworkPolicy ${listed(policies)}`;
  const path = `network.${component}.${side}`;
  if (kind === 'missing') {
    const problem = `${component} may not ${act}, which is declared: none of ${named} allows it`;
    const edit = `allow ${ports} in the ${side} of NetworkPolicy ${component} (${POLICIES})`;
    return [{ path, problem, fixes: [{ edit }] }];
  }
  const [cause, edit] =
    policies.length > 0
      ? [`${named} allows it`, `narrow the ${side} of ${named} (${POLICIES}), or declare the flow (${FLOWS})`]
      : [`no NetworkPolicy isolates its ${side}`, `isolate the ${side} of every pod by a NetworkPolicy (${POLICIES})`];
  return [{ path, problem: `${component} may ${act}, which no flow declares: ${cause}`, fixes: [{ edit }] }];
}

const POLICIES = 'infra/charts/network/policies.ts';
const FLOWS = 'infra/charts/flows.ts';

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
