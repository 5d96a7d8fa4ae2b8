import type { KubernetesObject } from '../../synth/index.ts';
import type { ObjectKind } from '../api-reader.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** What brings the kinds of a group, and what else there is to do. */
const INSTALLERS: Readonly<Record<string, string>> = {
  'monitoring.coreos.com': 'the Prometheus operator (or set monitoring.kind=standalone)',
  'gateway.networking.k8s.io': 'the Gateway API (or choose another ingress.kind)',
  'cert-manager.io': 'cert-manager (or give the Secret of the certificate yourself)',
  'postgresql.cnpg.io': 'CloudNativePG (or choose another kind of Postgres)',
  'gateway.envoyproxy.io': 'Envoy Gateway (or choose another ingress.class)',
  'metrics.k8s.io': 'metrics-server',
};

const METRICS = { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics' };
const CERTIFICATES = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' };

/** The server knows every kind that the objects are of, or that they work with. */
export async function kinds({ objects, reader }: Candidate): Promise<readonly Obstacle[]> {
  const needed = new Map<string, ObjectKind>();
  for (const kind of [...objects, ...workedWith(objects)]) needed.set(`${kind.apiVersion} ${kind.kind}`, kind);
  const served = await Promise.all([...needed.values()].map((kind) => reader.resource(kind)));
  const missing = [...needed.values()].filter((_, index) => served[index] === undefined);
  const groups = Map.groupBy(missing, ({ apiVersion }) => apiVersion);
  return [...groups].map(([apiVersion, members]) => ({
    problem: `the cluster does not serve ${members.map(({ kind }) => kind).join(', ')} of ${apiVersion}`,
    fix: `install ${INSTALLERS[apiVersion.split('/')[0] ?? ''] ?? `what brings ${apiVersion}`}`,
  }));
}

/** Kinds of which no object is made, and without which some would do nothing. */
function workedWith(objects: readonly KubernetesObject[]): readonly ObjectKind[] {
  const scaled = objects.some(({ kind }) => kind === 'HorizontalPodAutoscaler');
  const certified = objects.some(({ metadata }) =>
    Object.keys(metadata.annotations ?? {}).some((name) => name.startsWith('cert-manager.io/')),
  );
  return [...(scaled ? [METRICS] : []), ...(certified ? [CERTIFICATES] : [])];
}
