import { z } from 'zod';
import { text } from './fields.ts';

const target = text<string>(
  /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?:\d{1,5}$/,
  "a host and its port, such as 'kube-state-metrics.monitoring.svc:8080'",
);

/**
 * Where a cluster tells of itself, for a Prometheus of our own; the operator's knows. What is absent is not scraped,
 * and the alerts and panels that need it are left out.
 */
export const clusterMonitoringSchema = z
  .strictObject({
    /** kube-state-metrics: restarts of containers, and how far autoscalers have gone. */
    kubeStateMetrics: target.optional(),
    /** The controller of cert-manager: when certificates expire. */
    certManager: target.optional(),
  })
  .prefault({});
