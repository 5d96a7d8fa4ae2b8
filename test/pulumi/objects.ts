import type { KubernetesObject } from '../../infra/synth/index.ts';

/** An object in the namespace `orders`. */
export function object(apiVersion: string, kind: string, name: string, fields: object = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: 'orders', labels: { app: 'orders' } }, ...fields };
}

/** The namespace `orders`. */
export const namespace: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'orders' } };

/** An autoscaler of a Deployment. */
export function autoscaler(target: string): KubernetesObject {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: target };
  return object('autoscaling/v2', 'HorizontalPodAutoscaler', target, { spec: { maxReplicas: 6, scaleTargetRef } });
}

function cluster(apiVersion: string, kind: string, name: string, fields: object): KubernetesObject {
  return { apiVersion, kind, metadata: { name }, ...fields };
}

/** One object of every kind that has a class of its own, with the type that Pulumi's state has for it. */
export const EVERY_KIND: readonly (readonly [KubernetesObject, string])[] = [
  [namespace, 'kubernetes:core/v1:Namespace'],
  [object('v1', 'ConfigMap', 'settings', { data: { a: 'b' } }), 'kubernetes:core/v1:ConfigMap'],
  [object('coordination.k8s.io/v1', 'Lease', 'leader', { spec: {} }), 'kubernetes:coordination.k8s.io/v1:Lease'],
  [object('v1', 'LimitRange', 'limits', { spec: { limits: [] } }), 'kubernetes:core/v1:LimitRange'],
  [object('v1', 'PersistentVolumeClaim', 'disk', { spec: {} }), 'kubernetes:core/v1:PersistentVolumeClaim'],
  [object('v1', 'ResourceQuota', 'quota', { spec: { hard: { pods: '9' } } }), 'kubernetes:core/v1:ResourceQuota'],
  [object('v1', 'Secret', 'redis', { stringData: { password: 'p' } }), 'kubernetes:core/v1:Secret'],
  [object('v1', 'Service', 'gateway', { spec: { ports: [{ port: 80 }] } }), 'kubernetes:core/v1:Service'],
  [
    object('v1', 'ServiceAccount', 'gateway', { automountServiceAccountToken: false }),
    'kubernetes:core/v1:ServiceAccount',
  ],
  [object('apps/v1', 'Deployment', 'gateway', { spec: { minReadySeconds: 20 } }), 'kubernetes:apps/v1:Deployment'],
  [object('apps/v1', 'StatefulSet', 'redis', { spec: { replicas: 1 } }), 'kubernetes:apps/v1:StatefulSet'],
  [autoscaler('gateway'), 'kubernetes:autoscaling/v2:HorizontalPodAutoscaler'],
  [object('batch/v1', 'CronJob', 'drill', { spec: { schedule: '0 10 1 * *' } }), 'kubernetes:batch/v1:CronJob'],
  [object('batch/v1', 'Job', 'migrate', { spec: { backoffLimit: 2 } }), 'kubernetes:batch/v1:Job'],
  [
    object('networking.k8s.io/v1', 'NetworkPolicy', 'deny', { spec: { podSelector: {} } }),
    'kubernetes:networking.k8s.io/v1:NetworkPolicy',
  ],
  [
    cluster('scheduling.k8s.io/v1', 'PriorityClass', 'urgent', { value: 7 }),
    'kubernetes:scheduling.k8s.io/v1:PriorityClass',
  ],
  [
    cluster('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'digests', { spec: { validations: [] } }),
    'kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy',
  ],
  [
    cluster('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', 'digests', {
      spec: { policyName: 'digests' },
    }),
    'kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding',
  ],
  [
    object('policy/v1', 'PodDisruptionBudget', 'gateway', { spec: { maxUnavailable: 1 } }),
    'kubernetes:policy/v1:PodDisruptionBudget',
  ],
  [
    object('rbac.authorization.k8s.io/v1', 'Role', 'guard', { rules: [] }),
    'kubernetes:rbac.authorization.k8s.io/v1:Role',
  ],
  [
    object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'guard', { roleRef: { name: 'guard' }, subjects: [] }),
    'kubernetes:rbac.authorization.k8s.io/v1:RoleBinding',
  ],
  [
    object('monitoring.coreos.com/v1', 'PrometheusRule', 'slo', { spec: { groups: [] } }),
    'kubernetes:monitoring.coreos.com/v1:PrometheusRule',
  ],
  [
    object('monitoring.coreos.com/v1alpha1', 'AlertmanagerConfig', 'routes', { spec: { receivers: [] } }),
    'kubernetes:monitoring.coreos.com/v1alpha1:AlertmanagerConfig',
  ],
  [
    object('chaos-mesh.org/v1alpha1', 'Schedule', 'postgres-latency', { spec: { schedule: '0 10 1 * *' } }),
    'kubernetes:chaos-mesh.org/v1alpha1:Schedule',
  ],
];
