import { Duration } from 'cdk8s';
import { HorizontalPodAutoscaler, k8s, Metric, MetricTarget, Replicas, type Deployment } from 'cdk8s-plus-28';
import { toFraction, type Service } from '../../../service/definition/index.ts';
import { labels, selectorLabels, type Subject } from './labels.ts';
import type { Layer } from './layer.ts';
import { seconds } from './pod.ts';
import { inWave } from './waves.ts';

/** Pods by processor use: quickly more, slowly fewer, because a pod that is missing costs more than one too many. */
export function addAutoscaler(layer: Layer, subject: Subject, target: Deployment, scaling: Service['scaling']): void {
  new HorizontalPodAutoscaler(layer, 'autoscaler', {
    // With its target: before it, it would find nothing to scale, which counts as failed.
    metadata: { name: subject.component, labels: labels(subject), annotations: inWave('gateway') },
    target,
    minReplicas: scaling.min,
    maxReplicas: scaling.max,
    metrics: [Metric.resourceCpu(MetricTarget.averageUtilization(Math.round(toFraction(scaling.cpu) * 100)))],
    scaleUp: {
      stabilizationWindow: Duration.seconds(0),
      policies: [{ replicas: Replicas.percent(100), duration: Duration.seconds(15) }],
    },
    scaleDown: {
      stabilizationWindow: seconds(scaling.scaleDownAfter),
      policies: [{ replicas: Replicas.absolute(1), duration: Duration.minutes(1) }],
    },
  });
}

/**
 * One pod at a time may be evicted. A pod that is not Ready may always be: it serves nobody, and guarding it would
 * keep its node from being drained.
 */
export function addDisruptionBudget(layer: Layer, subject: Subject): void {
  new k8s.KubePodDisruptionBudget(layer, 'disruption-budget', {
    metadata: { name: subject.component, labels: labels(subject) },
    spec: {
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      selector: { matchLabels: selectorLabels(subject.component) },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  });
}
