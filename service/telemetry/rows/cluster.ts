import type { Metric } from '../metric.ts';

/**
 * What the cluster tells of an environment's pods, volumes and certificates. `namespace`, `pod` and the like are those
 * of what is told of, and not of who tells: the scrape honours the labels of the answer.
 */
export const CLUSTER_METRICS = {
  containerRestarts: {
    name: 'kube_pod_container_status_restarts_total',
    type: 'counter',
    help: 'Restarts of a container.',
    labels: ['namespace', 'pod', 'container'],
    exporter: 'kube-state-metrics',
  },
  autoscalerReplicas: {
    name: 'kube_horizontalpodautoscaler_status_current_replicas',
    type: 'gauge',
    help: 'Pods that an autoscaler counts.',
    labels: ['namespace', 'horizontalpodautoscaler'],
    exporter: 'kube-state-metrics',
  },
  autoscalerMax: {
    name: 'kube_horizontalpodautoscaler_spec_max_replicas',
    type: 'gauge',
    help: 'Pods that an autoscaler may ask for.',
    labels: ['namespace', 'horizontalpodautoscaler'],
    exporter: 'kube-state-metrics',
  },
  containerMemory: {
    name: 'container_memory_working_set_bytes',
    type: 'gauge',
    help: 'Memory of a container that the kernel cannot take back; at its limit the container is killed.',
    labels: ['namespace', 'pod', 'container'],
    exporter: 'kubelet',
  },
  volumeAvailable: {
    name: 'kubelet_volume_stats_available_bytes',
    type: 'gauge',
    help: 'What is free of a volume.',
    labels: ['namespace', 'persistentvolumeclaim'],
    exporter: 'kubelet',
  },
  volumeCapacity: {
    name: 'kubelet_volume_stats_capacity_bytes',
    type: 'gauge',
    help: 'What a volume holds.',
    labels: ['namespace', 'persistentvolumeclaim'],
    exporter: 'kubelet',
  },
  certificateExpiry: {
    name: 'certmanager_certificate_expiration_timestamp_seconds',
    type: 'gauge',
    help: 'When a certificate expires.',
    labels: ['namespace', 'name'],
    exporter: 'cert-manager',
  },
} as const satisfies Readonly<Record<string, Metric>>;
