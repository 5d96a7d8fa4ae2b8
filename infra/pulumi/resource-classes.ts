import {
  admissionregistration,
  apiextensions,
  apps,
  autoscaling,
  batch,
  coordination,
  core,
  networking,
  policy,
  rbac,
  scheduling,
} from '@pulumi/kubernetes';
import type { CustomResource, CustomResourceOptions } from '@pulumi/pulumi';
import type { KubernetesObject } from '../synth/index.ts';

/** What registers one object; `never` because the object is data, already checked by the synthesis. */
export type ResourceClass = new (name: string, object: never, options?: CustomResourceOptions) => CustomResource;

const CLASSES: Readonly<Record<string, ResourceClass>> = {
  'v1 ConfigMap': core.v1.ConfigMap,
  'v1 LimitRange': core.v1.LimitRange,
  'v1 Namespace': core.v1.Namespace,
  'v1 PersistentVolumeClaim': core.v1.PersistentVolumeClaim,
  'v1 ResourceQuota': core.v1.ResourceQuota,
  'v1 Secret': core.v1.Secret,
  'v1 Service': core.v1.Service,
  'v1 ServiceAccount': core.v1.ServiceAccount,
  'apps/v1 Deployment': apps.v1.Deployment,
  'apps/v1 StatefulSet': apps.v1.StatefulSet,
  'autoscaling/v2 HorizontalPodAutoscaler': autoscaling.v2.HorizontalPodAutoscaler,
  'batch/v1 CronJob': batch.v1.CronJob,
  'batch/v1 Job': batch.v1.Job,
  'coordination.k8s.io/v1 Lease': coordination.v1.Lease,
  'networking.k8s.io/v1 Ingress': networking.v1.Ingress,
  'networking.k8s.io/v1 NetworkPolicy': networking.v1.NetworkPolicy,
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': admissionregistration.v1.ValidatingAdmissionPolicy,
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding':
    admissionregistration.v1.ValidatingAdmissionPolicyBinding,
  'scheduling.k8s.io/v1 PriorityClass': scheduling.v1.PriorityClass,
  // The Gateway API has a group of Kubernetes itself and yet is installed like any other.
  'gateway.networking.k8s.io/v1 Gateway': apiextensions.CustomResource,
  'gateway.networking.k8s.io/v1 GatewayClass': apiextensions.CustomResource,
  'gateway.networking.k8s.io/v1 HTTPRoute': apiextensions.CustomResource,
  'policy/v1 PodDisruptionBudget': policy.v1.PodDisruptionBudget,
  'rbac.authorization.k8s.io/v1 Role': rbac.v1.Role,
  'rbac.authorization.k8s.io/v1 RoleBinding': rbac.v1.RoleBinding,
};

/**
 * The typed class of an object's kind; custom kinds share one. Throws on a kind of Kubernetes itself without a row:
 * the class for custom kinds would register it under a type of its own, which nobody could change later.
 */
export function requireResourceClass({ apiVersion, kind, metadata }: KubernetesObject): ResourceClass {
  const known = CLASSES[`${apiVersion} ${kind}`];
  if (known) return known;
  if (isCustom(apiVersion)) return apiextensions.CustomResource;
  throw new Error(
    `${kind} '${metadata.name}' of ${apiVersion} has no class; add a row to infra/pulumi/resource-classes.ts`,
  );
}

/** Groups of Kubernetes itself have no dot or end with k8s.io. */
function isCustom(apiVersion: string): boolean {
  const [group = '', version] = apiVersion.split('/');
  return version !== undefined && group.includes('.') && !group.endsWith('.k8s.io');
}
