import { isDrilled, isGuarded, type Service } from '../../../service/definition/index.ts';
import { CHAOS_MESH_NAMESPACE } from '../../charts/chaos-mesh/place.ts';
import { agreed } from './agreed.ts';
import { admissionObjects } from './admission.ts';
import { drillObjects } from './drills.ts';
import { clusterIssuers, gatewayClasses, priorityClasses } from './objects.ts';
import type { Part, PartId } from './part.ts';
import { quarantineObjects } from './quarantine.ts';
import { certManager, chaosMesh, kubePrometheusStack, metricsServer } from './values.ts';

const byEnvoy = ({ ingress }: Service): boolean => ingress.class === 'envoy';
const byCloudNativePg = ({ datastores }: Service): boolean => datastores.postgres.kind === 'cloudnativepg';
const ALWAYS = { when: 'always', by: () => true };

/** The parts of a platform. */
export const PARTS: Readonly<Record<PartId, Part>> = {
  'priority-classes': {
    purpose: 'tells which pods a full node keeps',
    needed: { when: "`priorityClass: 'platform'`", by: ({ priorityClass }) => priorityClass === 'platform' },
    after: [],
    objects: priorityClasses,
  },
  admission: {
    purpose: "holds the pods of environments with `images: 'digest'` to it",
    needed: ALWAYS,
    after: [],
    objects: () => admissionObjects(),
  },
  quarantine: {
    purpose: 'lets no gateway have a release that its namespace has quarantined, whoever deploys it',
    needed: { when: '`release.guard.mode`', by: isGuarded },
    after: [],
    objects: () => quarantineObjects(),
  },
  drills: {
    purpose: 'lets Chaos Mesh put faults into environments with drills alone, whoever asks for them',
    // Also where nothing is drilled: that is where a fault would be worst.
    needed: ALWAYS,
    after: [],
    objects: () => drillObjects(),
  },
  'metrics-server': {
    purpose: 'measures what autoscalers read',
    needed: ALWAYS,
    after: [],
    chart: {
      name: 'metrics-server',
      repository: 'https://kubernetes-sigs.github.io/metrics-server',
      version: '3.13.0',
    },
    values: metricsServer,
  },
  monitoring: {
    purpose: 'the Prometheus operator, Prometheus, Alertmanager, and Grafana where it has a password',
    needed: { when: "`monitoring.kind: 'operator'`", by: ({ monitoring }) => monitoring.kind === 'operator' },
    after: ['priority-classes'],
    chart: {
      name: 'kube-prometheus-stack',
      repository: 'https://prometheus-community.github.io/helm-charts',
      version: '79.5.0',
    },
    values: kubePrometheusStack,
    // What measures nodes has their network, their processes and their files.
    namespace: { name: () => 'monitoring', level: 'privileged' },
  },
  'envoy-gateway': {
    purpose: 'the Gateway API and the balancer behind it, with the class that environments name',
    needed: { when: "`ingress.class: 'envoy'`", by: byEnvoy },
    after: [],
    chart: { name: 'oci://docker.io/envoyproxy/gateway-helm', version: 'v1.8.4' },
    namespace: {
      name: (services) =>
        agreed(
          services.filter(byEnvoy),
          'ingress.controllerNamespace',
          ({ ingress }) => ingress.controllerNamespace,
          'envoy-gateway-system',
        ),
      // How the pods of each balancer look is for the controller to decide.
      level: 'baseline',
    },
    objects: gatewayClasses,
  },
  'cert-manager': {
    purpose: 'certificates, by the issuers that environments name',
    needed: { when: '`ingress.tls.issuer`', by: ({ ingress }) => ingress.tls?.issuer !== undefined },
    after: ['monitoring', 'envoy-gateway'],
    chart: { name: 'cert-manager', repository: 'https://charts.jetstack.io', version: 'v1.19.4' },
    values: certManager,
    namespace: { name: () => 'cert-manager', level: 'restricted' },
    objects: clusterIssuers,
  },
  'cloudnative-pg': {
    purpose: 'runs Postgres with replicas',
    needed: { when: "`datastores.postgres.kind: 'cloudnativepg'`", by: byCloudNativePg },
    after: [],
    chart: {
      name: 'cloudnative-pg',
      repository: 'https://cloudnative-pg.github.io/charts',
      version: '0.26.1',
    },
    namespace: {
      name: (services) =>
        agreed(
          services.filter(byCloudNativePg),
          'datastores.postgres.cluster.operatorNamespace',
          ({ datastores }) => datastores.postgres.cluster.operatorNamespace,
          'cnpg-system',
        ),
      level: 'restricted',
    },
  },
  'chaos-mesh': {
    purpose: 'puts faults into pods for drills',
    needed: { when: '`drills.enabled`', by: isDrilled },
    // What bounds it is there before it.
    after: ['drills'],
    chart: { name: 'chaos-mesh', repository: 'https://charts.chaos-mesh.org', version: '2.8.2' },
    values: chaosMesh,
    // Its daemon enters the containers of others.
    namespace: { name: () => CHAOS_MESH_NAMESPACE, level: 'privileged' },
  },
};
