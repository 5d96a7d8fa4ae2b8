import { isDeepStrictEqual } from 'node:util';
import { PRIORITY_CLASSES } from '../../infra/charts/objects/priority-classes.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import type { Service } from '../../service/definition/index.ts';
import type { Container, PodSpec, Workload } from '../support/workloads.ts';
import { field } from './render.ts';

/** What a rule may look at beside the pod. */
export type Surroundings = { readonly objects: readonly KubernetesObject[]; readonly service: Service };

/** A rule of hardening: what holds of every pod, and a change of a sound workload that breaks it. */
export type PodRule = {
  readonly says: string;
  readonly holds: (workload: Workload, surroundings: Surroundings) => boolean;
  /** Path of the object of a Deployment or CronJob, below its pod's spec unless it begins with `/`, and the value. */
  readonly broken: readonly [path: string, value: unknown];
  /** Whether it is tried on a job; else on the gateway. */
  readonly onJob?: boolean;
};

/** Programs that finish what they do at the signal; each other one that serves waits in a hook before it. */
const FINISH_BY_THEMSELVES = new Set([
  ...['gateway', 'redis', 'redis-cache', 'redis-sentinel', 'redis-exporter', 'postgres-exporter'],
  ...['prometheus', 'alertmanager', 'grafana'],
]);

/** Programs of which one question tells all: PgBouncer is ready when it listens; to ask Postgres would take every pod away. */
const ONE_QUESTION = new Set(['postgres-pooler']);

/** Programs whose public image is built for the user 999. */
const DATASTORES = /^(postgres|redis)/;

/** Programs whose pods get a token of the API server; whoever is added needs a Role of the least that it does. */
const WITH_TOKEN: readonly string[] = ['guard', 'drill', 'drill-keeper'];

/** Volumes that the restricted profile admits and that nothing but the pod itself fills. */
const VOLUMES = new Set(['configMap', 'emptyDir', 'persistentVolumeClaim', 'secret']);

const RESOURCES = ['cpu', 'ephemeral-storage', 'memory'];

const IDENTITY = ['component', 'instance', 'managed-by', 'name', 'part-of', 'version'].map(
  (each) => `app.kubernetes.io/${each}`,
);

/** The restricted profile of Kubernetes and beyond, for every pod of every environment. */
export const POD_RULES: readonly PodRule[] = [
  {
    says: 'drops every capability and adds none',
    holds: each((container) => isDeepStrictEqual(secured(container, 'capabilities'), { drop: ['ALL'] })),
    broken: ['containers.0.securityContext.capabilities', { drop: ['NET_RAW'] }],
  },
  {
    says: 'can never have more rights than it starts with',
    holds: each(
      (container) =>
        secured(container, 'allowPrivilegeEscalation') === false && secured(container, 'privileged') !== true,
    ),
    broken: ['containers.0.securityContext.allowPrivilegeEscalation', true],
  },
  {
    says: 'has the seccomp profile of the runtime',
    holds: each((container) => field(secured(container, 'seccompProfile'), 'type') === 'RuntimeDefault'),
    broken: ['containers.0.securityContext.seccompProfile.type', 'Unconfined'],
  },
  {
    says: 'runs as a user and group above 10000, datastores as 999, and never as root',
    holds: ({ name, pod }) =>
      pod.containers.every(({ securityContext, name: container }) =>
        ['runAsUser', 'runAsGroup'].every((key) => {
          const id = Number(field(securityContext, key));
          return id > 10_000 || (id === 999 && (DATASTORES.test(name) || DATASTORES.test(container)));
        }),
      ) && everyContainer(pod).every((container) => secured(container, 'runAsNonRoot') === true),
    broken: ['containers.0.securityContext.runAsUser', 1000],
  },
  {
    says: 'gives its volumes to its own group alone',
    holds: ({ pod }) => field(pod, 'securityContext.fsGroup') === field(pod, 'containers.0.securityContext.runAsGroup'),
    broken: ['securityContext.fsGroup', 0],
  },
  {
    says: 'cannot write to its root',
    holds: each((container) => secured(container, 'readOnlyRootFilesystem') === true),
    broken: ['containers.0.securityContext.readOnlyRootFilesystem', false],
  },
  {
    says: 'has no folder without a size',
    holds: ({ pod }) =>
      (pod.volumes ?? []).every((volume) => !('emptyDir' in volume) || field(volume, 'emptyDir.sizeLimit')),
    broken: ['volumes.0', { name: 'tmp', emptyDir: {} }],
  },
  {
    says: 'has volumes of its own kinds alone, nothing of the node',
    holds: ({ pod }) =>
      (pod.volumes ?? []).every((volume) =>
        Object.keys(volume).every((key) => key === 'name' || VOLUMES.has(key) || key === 'projected'),
      ),
    broken: ['volumes.0', { name: 'node', hostPath: { path: '/' } }],
  },
  {
    says: 'reads of a Secret the keys that it needs, as files of its group',
    holds: ({ pod }) =>
      (pod.volumes ?? []).every(
        (volume) =>
          !('secret' in volume) ||
          (field(volume, 'secret.defaultMode') === 0o440 && field(volume, 'secret.items.length') !== undefined),
      ),
    broken: ['volumes.0', { name: 'secret', secret: { secretName: 'postgres' } }],
  },
  {
    says: 'has no Secret in its environment, where every child process and every dump would have it too',
    holds: each((container) => !/secretKeyRef|secretRef/.test(JSON.stringify(container))),
    broken: ['containers.0.envFrom', [{ secretRef: { name: 'postgres' } }]],
  },
  {
    says: 'has an account that is its own program’s, and no token of it',
    holds: ({ name, pod, labels }, { objects }) => {
      const own = labels['app.kubernetes.io/name'];
      const account = objects.find(
        ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === pod.serviceAccountName,
      );
      const token = WITH_TOKEN.includes(own ?? '');
      return (
        [own, name].includes(String(pod.serviceAccountName)) &&
        account?.automountServiceAccountToken === false &&
        pod.automountServiceAccountToken === token
      );
    },
    broken: ['automountServiceAccountToken', true],
  },
  {
    says: 'knows no address by variables that other services put there',
    holds: ({ pod }) => pod.enableServiceLinks === false,
    broken: ['enableServiceLinks', true],
  },
  {
    says: 'shares nothing with its node',
    holds: ({ pod }) => !/"host(Network|PID|IPC|Port)":(true|\d)/.test(JSON.stringify(pod)),
    broken: ['hostNetwork', true],
  },
  {
    says: 'requests and limits processor, memory and disk',
    holds: each(({ resources }) =>
      [resources.requests, resources.limits].every((amounts) =>
        isDeepStrictEqual(Object.keys(amounts).sort(), RESOURCES),
      ),
    ),
    broken: ['containers.0.resources.limits', { memory: '1Gi' }],
  },
  {
    says: 'requests as much memory as it may have',
    holds: each(({ resources }) => resources.requests.memory === resources.limits.memory),
    broken: ['containers.0.resources.requests.memory', '1Mi'],
  },
  {
    says: 'is asked three things while it runs: has it started, does it serve, does it live',
    holds: ({ ends, name, pod }) =>
      ends ||
      pod.containers.every((container) => {
        const [startup, readiness, liveness] = ['startupProbe', 'readinessProbe', 'livenessProbe'].map(
          (name) => container[name],
        );
        const differ = ONE_QUESTION.has(name) || !isDeepStrictEqual(asked(readiness), asked(liveness));
        return startup && readiness && liveness && differ;
      }),
    broken: ['containers.0.readinessProbe', { httpGet: { path: '/livez', port: 9464 }, periodSeconds: 5 }],
  },
  {
    says: 'is asked by its own address, in probes and in hooks',
    holds: each((container) => !JSON.stringify([probes(container), container.lifecycle ?? {}]).includes('"host":')),
    broken: ['containers.0.livenessProbe.httpGet.host', '10.0.0.1'],
  },
  {
    says: 'has time to finish, and a hook before the signal where it would not',
    holds: ({ ends, labels, pod }) =>
      Number(pod.terminationGracePeriodSeconds) > 0 &&
      (ends ||
        FINISH_BY_THEMSELVES.has(labels['app.kubernetes.io/name'] ?? '') ||
        field(pod, 'containers.0.lifecycle.preStop') !== undefined),
    broken: ['terminationGracePeriodSeconds', 0],
  },
  {
    says: 'is spread, kept apart and guarded by a budget where there is more than one',
    holds: (workload, { objects }) => {
      if (!isReplicated(workload, objects)) return true;
      const budget = objects.find(
        ({ kind, spec }) =>
          kind === 'PodDisruptionBudget' &&
          isDeepStrictEqual(field(spec, 'selector.matchLabels'), field(workload.object, 'spec.selector.matchLabels')),
      );
      return (
        field(workload.pod, 'topologySpreadConstraints.0.topologyKey') === 'kubernetes.io/hostname' &&
        field(workload.pod, 'affinity.podAntiAffinity') !== undefined &&
        field(budget, 'spec.unhealthyPodEvictionPolicy') === 'AlwaysAllow'
      );
    },
    broken: ['topologySpreadConstraints', []],
  },
  {
    says: 'has the labels that Kubernetes recommends',
    holds: ({ labels }) =>
      IDENTITY.every((key) => labels[key]) && /^[\w.-]{1,63}$/.test(String(labels[IDENTITY[5] ?? ''])),
    broken: ['/spec.template.metadata.labels', { 'app.kubernetes.io/name': 'gateway' }],
  },
  {
    says: 'is picked by its labels, of which none changes with a release',
    holds: ({ ends, object, labels }) => {
      const picked = field(object, 'spec.selector.matchLabels') as Record<string, string> | undefined;
      if (picked === undefined) return ends;
      const keys = Object.keys(picked);
      return keys.every((key) => picked[key] === labels[key]) && !keys.includes('app.kubernetes.io/version');
    },
    broken: ['/spec.selector.matchLabels', { 'app.kubernetes.io/version': '1.0.0' }],
  },
  {
    says: 'names its image by tag or digest, never by what is newest',
    holds: each(({ image }) => /(:[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image) && !/:latest(@|$)/.test(image)),
    broken: ['containers.0.image', 'ghcr.io/acme/orders:latest'],
  },
  {
    says: 'has a priority class of the platform where there are some, and none elsewhere',
    holds: ({ ends, pod }, { service }) => {
      const name = pod.priorityClassName;
      if (service.priorityClass === 'none') return name === undefined;
      return (ends && name === undefined) || Object.values(PRIORITY_CLASSES).some((row) => row.name === name);
    },
    broken: ['priorityClassName', 'system-cluster-critical'],
  },
  {
    says: 'ends by itself if it is a job, by a deadline if need be, and does not start itself anew without end',
    holds: ({ ends, object, pod }) => {
      const job = object.kind === 'CronJob' ? field(object, 'spec.jobTemplate.spec') : object.spec;
      return (
        !ends ||
        (Number(pod.activeDeadlineSeconds) > 0 &&
          Number(field(job, 'activeDeadlineSeconds')) > 0 &&
          Number(field(job, 'backoffLimit')) <= 6 &&
          pod.restartPolicy === 'Never')
      );
    },
    broken: ['activeDeadlineSeconds', undefined],
    onJob: true,
  },
];

function each(holds: (container: Container) => unknown): PodRule['holds'] {
  return ({ pod }) => everyContainer(pod).every((container) => Boolean(holds(container)));
}

function everyContainer({ containers, initContainers = [] }: PodSpec): readonly Container[] {
  return [...containers, ...initContainers];
}

function secured(container: Container, key: string): unknown {
  return field(container.securityContext, key);
}

/** What a probe asks, without how often. */
function asked(probe: unknown): object {
  const { exec, tcpSocket, grpc } = probe as Record<string, unknown>;
  return { path: field(probe, 'httpGet.path'), port: field(probe, 'httpGet.port'), exec, tcpSocket, grpc };
}

function probes({ startupProbe = {}, readinessProbe = {}, livenessProbe = {} }: Container): readonly unknown[] {
  return [startupProbe, readinessProbe, livenessProbe];
}

function isReplicated({ ends, name, object }: Workload, objects: readonly KubernetesObject[]): boolean {
  if (ends) return false;
  const scaled = objects.some(
    ({ kind, spec }) => kind === 'HorizontalPodAutoscaler' && field(spec, 'scaleTargetRef.name') === name,
  );
  return scaled || Number(field(object, 'spec.replicas')) > 1;
}
