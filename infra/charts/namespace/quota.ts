import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { formatMebibytes, toBytes, type Bytes, type Service } from '../../../service/definition/index.ts';
import {
  BY_HAND,
  demands,
  LOCAL_DISK,
  totalOf,
  UNSTATED,
  volumesOf,
  type Demand,
  type DemandValues,
  type Resources,
} from '../../demand/index.ts';
import { sharedLabels, type Identity } from '../objects/labels.ts';
import { Layer } from '../objects/layer.ts';

/** What the namespace may hold as a whole, and what one container may. */
export class QuotaLayer extends Layer {
  constructor(scope: Construct, values: Identity & DemandValues & Pick<Service, 'quota'>) {
    super(scope, 'quota', values);
    const all = demands(values);
    this.addQuota(values, 'environment', granted(values.quota), []);
    // A job that is started again and again must not take the room of the pods that a rollout needs.
    this.addQuota(values, 'jobs', ofJobs(all), ['Terminating']);
    new k8s.KubeLimitRange(this, 'limits', {
      metadata: { name: 'containers', labels: sharedLabels(values) },
      spec: { limits: [container(all), ...volume(all)] },
    });
  }

  private addQuota(identity: Identity, name: string, hard: Readonly<Record<string, string>>, scopes: string[]): void {
    new k8s.KubeResourceQuota(this, name, {
      metadata: { name, labels: sharedLabels(identity) },
      spec: { hard: quantities(hard), ...(scopes.length > 0 && { scopes }) },
    });
  }
}

function granted({ cpu, memory, ephemeralStorage, pods, volumes, storage }: Service['quota']): Record<string, string> {
  return {
    'requests.cpu': cpu.requests,
    'limits.cpu': cpu.limits,
    'requests.memory': memory.requests,
    'limits.memory': memory.limits,
    'requests.ephemeral-storage': ephemeralStorage.requests,
    'limits.ephemeral-storage': ephemeralStorage.limits,
    pods: String(pods),
    persistentvolumeclaims: String(volumes),
    'requests.storage': storage,
    // A balancer beside that of `ingress` costs, and lets in whom nobody asked about.
    'services.loadbalancers': '0',
  };
}

/** What every job asks for at once, and one by hand. */
function ofJobs(all: readonly Demand[]): Record<string, string> {
  const jobs = [...all.filter(({ ends }) => ends), BY_HAND];
  return {
    'requests.cpu': `${totalOf('cpu.requests', jobs, 'atOnce')}m`,
    'limits.cpu': `${totalOf('cpu.limits', jobs, 'atOnce')}m`,
    'requests.memory': formatMebibytes(totalOf('memory.requests', jobs, 'atOnce')),
    'limits.memory': formatMebibytes(totalOf('memory.limits', jobs, 'atOnce')),
    pods: String(totalOf('pods', jobs, 'atOnce')),
  };
}

/** What a container gets that says nothing, and no more than the largest of ours. */
function container(all: readonly Demand[]): k8s.LimitRangeItem {
  const containers = [...all, BY_HAND].flatMap((demand) => demand.containers);
  const most = (amount: (container: Resources) => number): number => Math.max(...containers.map(amount));
  return {
    type: 'Container',
    defaultRequest: quantities({
      cpu: `${UNSTATED.cpu.request}m`,
      memory: UNSTATED.memory,
      'ephemeral-storage': LOCAL_DISK.request,
    }),
    default: quantities({
      cpu: `${UNSTATED.cpu.limit}m`,
      memory: UNSTATED.memory,
      'ephemeral-storage': LOCAL_DISK.limit,
    }),
    max: quantities({
      cpu: `${most(({ cpu }) => cpu.limit)}m`,
      memory: formatMebibytes(most(({ memory }) => toBytes(memory))),
      'ephemeral-storage': LOCAL_DISK.limit,
    }),
  };
}

/** No claim is larger than the largest of ours: a volume costs from the day it is claimed. */
function volume(all: readonly Demand[]): k8s.LimitRangeItem[] {
  const sizes = volumesOf(all).map((size: Bytes) => toBytes(size));
  if (sizes.length === 0) return [];
  return [{ type: 'PersistentVolumeClaim', max: quantities({ storage: formatMebibytes(Math.max(...sizes)) }) }];
}

function quantities(values: Readonly<Record<string, string>>): Record<string, k8s.Quantity> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, k8s.Quantity.fromString(value)]));
}
