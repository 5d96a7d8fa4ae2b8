import type { Service } from '../../../service/definition/index.ts';

/** What the objects of a service are called after, and whether their pods have the priority classes of the platform. */
export type Identity = Pick<Service, 'name' | 'namespace' | 'version' | 'priorityClass'>;

/** The programs that an environment may run; each is the name of its objects and of its Kubernetes Service. */
export const COMPONENTS = [
  'gateway',
  'gateway-withdrawn',
  'guard',
  'migration',
  'upstream',
  'redis',
  'redis-cache',
  'redis-sentinel',
  'postgres',
  'postgres-cluster',
  'postgres-pooler',
  'postgres-backup',
  'redis-exporter',
  'postgres-exporter',
  'prometheus',
  'alertmanager',
  'grafana',
  'drill',
  'drill-keeper',
  'drill-proxy',
] as const;

/** One program of an environment. */
export type Component = (typeof COMPONENTS)[number];

/** Labels of an object that belongs to the service as a whole. */
export function sharedLabels(identity: Identity): Record<string, string> {
  return { 'app.kubernetes.io/managed-by': 'sluice', 'app.kubernetes.io/part-of': identity.name };
}

/** One program of a service, and which version of that program it is. */
export type Subject = { readonly identity: Identity; readonly component: Component; readonly version: string };

/** The recommended labels of Kubernetes for an object of one program. */
export function labels({ identity, component, version }: Subject): Record<string, string> {
  return { ...lastingLabels(identity, component), 'app.kubernetes.io/version': version };
}

/** Those of the labels of a program's objects that no release changes. */
function lastingLabels(identity: Identity, component: Component): Record<string, string> {
  return { ...sharedLabels(identity), ...nameLabels(component), 'app.kubernetes.io/component': component };
}

/** Labels that a program's pods have in every release. */
export function podLabels(identity: Identity, component: Component): Record<string, string> {
  return isOperated(component) ? selectorLabels(component) : lastingLabels(identity, component);
}

/** What picks the pods of a program's workload. No selector can be changed, so nothing that a release changes is here. */
export function selectorLabels(component: Component): Record<string, string> {
  return isOperated(component) ? { 'cnpg.io/cluster': component } : nameLabels(component);
}

/** What picks every pod of a program, also the one that the guard keeps beside the gateway's Deployment. */
export function programLabels(component: Component): Record<string, string> {
  return component === 'gateway' ? { 'app.kubernetes.io/name': component } : selectorLabels(component);
}

/** Whether pods are made by CloudNativePG, which gives them labels of its own. */
function isOperated(component: Component): boolean {
  return component === 'postgres-cluster';
}

function nameLabels(component: Component): Record<string, string> {
  return { 'app.kubernetes.io/name': component, 'app.kubernetes.io/instance': component };
}

/** The version that an image's tag names, also where a digest is beside it. */
export function imageVersion(image: string): string {
  const [tagged = image] = image.split('@');
  return tagged.slice(tagged.lastIndexOf(':') + 1);
}
