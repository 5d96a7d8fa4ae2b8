import { DASHBOARD_FOLDER, DASHBOARD_LABEL } from '../../charts/monitoring/dashboard-label.ts';
import { PRIORITY_CLASSES } from '../../charts/objects/priority-classes.ts';
import { GRAFANA_SECRET } from './objects.ts';
import type { PlatformContext } from './part.ts';

/** metrics-server: what autoscalers read. */
export function metricsServer({ cluster }: PlatformContext): object {
  // The kubelets of kind show certificates that nobody signed.
  return cluster === 'kind' ? { args: ['--kubelet-insecure-tls'] } : {};
}

/** kube-prometheus-stack: reads the objects of every service, in whatever namespace and with whatever labels. */
export function kubePrometheusStack({ has, grafana }: PlatformContext): object {
  const urgency = has('priority-classes') && { priorityClassName: PRIORITY_CLASSES.monitoring.name };
  return {
    prometheus: {
      prometheusSpec: {
        ...urgency,
        // Without these it selects by the label of its own Helm release, which no object of a service has.
        podMonitorSelectorNilUsesHelmValues: false,
        probeSelectorNilUsesHelmValues: false,
        ruleSelectorNilUsesHelmValues: false,
        scrapeConfigSelectorNilUsesHelmValues: false,
        serviceMonitorSelectorNilUsesHelmValues: false,
        // The traces that buckets name.
        enableFeatures: ['exemplar-storage'],
        retention: '15d',
        retentionSize: '16GB',
        storageSpec: claim('20Gi'),
      },
    },
    alertmanager: {
      alertmanagerSpec: {
        ...urgency,
        // Routes of a service see the alerts of its own namespace.
        alertmanagerConfigMatcherStrategy: { type: 'OnNamespace' },
        storage: claim('1Gi'),
      },
    },
    grafana: {
      enabled: grafana,
      ...(grafana && {
        admin: { existingSecret: GRAFANA_SECRET, userKey: 'user', passwordKey: 'password' },
        sidecar: { dashboards: { enabled: true, ...dashboards(), searchNamespace: 'ALL' } },
      }),
    },
    // Clouds show none of these, and an alert about them would never end.
    kubeControllerManager: { enabled: false },
    kubeEtcd: { enabled: false },
    kubeProxy: { enabled: false },
    kubeScheduler: { enabled: false },
  };
}

/** cert-manager, with its definitions, which stay when it goes: with them would go every certificate. */
export function certManager({ has }: PlatformContext): object {
  return {
    crds: { enabled: true, keep: true },
    // It tells of every namespace's certificates: by the namespace of each, and not by its own.
    ...(has('monitoring') && { prometheus: { servicemonitor: { enabled: true, honorLabels: true } } }),
    // Without the definitions of the Gateway API it would not start.
    ...(has('envoy-gateway') && {
      config: {
        apiVersion: 'controller.config.cert-manager.io/v1alpha1',
        kind: 'ControllerConfiguration',
        enableGatewayAPI: true,
      },
    }),
  };
}

/** Chaos Mesh with what hides names from pods, and without a dashboard and a server that takes commands. */
export function chaosMesh(): object {
  return {
    enableCtrlServer: false,
    dnsServer: { create: true },
    dashboard: { create: false },
    chaosDaemon: { runtime: 'containerd', socketPath: '/run/containerd/containerd.sock' },
  };
}

function dashboards(): object {
  const [label, labelValue] = Object.entries(DASHBOARD_LABEL)[0] ?? [];
  // A folder of files is one of Grafana's.
  return { label, labelValue, folderAnnotation: DASHBOARD_FOLDER, provider: { foldersFromFilesStructure: true } };
}

function claim(storage: string): object {
  return {
    volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } },
  };
}
