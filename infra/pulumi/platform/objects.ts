import { podSecurityLabels } from '../../charts/objects/pod-security.ts';
import { PRIORITY_CLASSES } from '../../charts/objects/priority-classes.ts';
import type { KubernetesObject } from '../../synth/index.ts';
import { PLATFORM_LABELS } from './labels.ts';
import type { PartNamespace, PlatformContext } from './part.ts';

/** Name of the Secret with the account of Grafana's administrator. */
export const GRAFANA_SECRET = 'grafana-admin';

/** The priority classes that pods of services name. */
export function priorityClasses(): readonly KubernetesObject[] {
  return Object.values(PRIORITY_CLASSES).map(({ name, value, description }) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, labels: PLATFORM_LABELS },
    value,
    description,
    globalDefault: false,
    preemptionPolicy: 'PreemptLowerPriority',
  }));
}

/** A part's namespace: pods beyond its profile are refused, and those beyond the restricted one are told of. */
export function namespaceObject(name: string, { level }: Pick<PartNamespace, 'level'>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...PLATFORM_LABELS, ...podSecurityLabels(level, 'restricted') } },
  };
}

/** The classes of Gateways that the environments name, all run by Envoy Gateway. */
export function gatewayClasses({ services }: PlatformContext): readonly KubernetesObject[] {
  const names = services
    .filter(({ ingress }) => ingress.class === 'envoy')
    .flatMap(({ ingress }) => (ingress.className === undefined ? [] : [ingress.className]));
  return [...new Set(names)].map((name) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name, labels: PLATFORM_LABELS },
    spec: { controllerName: 'gateway.envoyproxy.io/gatewayclass-controller' },
  }));
}

/** The issuers of certificates that the environments name; none without a way to ask for certificates. */
export function clusterIssuers({ services, issuer }: PlatformContext): readonly KubernetesObject[] {
  if (!issuer) return [];
  const { server, email, solvers } = issuer;
  const names = services.flatMap(({ ingress }) => ingress.tls?.issuer ?? []);
  return [...new Set(names)].map((name) => ({
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name, labels: PLATFORM_LABELS },
    spec: {
      acme: {
        server,
        ...(email !== undefined && { email }),
        privateKeySecretRef: { name: `${name}-account` },
        solvers,
      },
    },
  }));
}
