import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Service } from '../../service/definition/index.ts';
import { selectorLabels, sharedLabels, type Identity } from './labels.ts';
import { Layer } from './layer.ts';

/** What alerts and rules say, in the form of the operator's objects. */
export type OperatorMonitoringProps = {
  /** Groups of rules: the `spec` of a PrometheusRule. */
  readonly rules: object;
  /** Routes and receivers: the `spec` of an AlertmanagerConfig. */
  readonly alerts: object;
};

/** Monitoring where a Prometheus operator runs: what to scrape, which rules hold, who is told. */
export class OperatorMonitoringLayer extends Layer {
  constructor(scope: Construct, values: Identity & Pick<Service, 'monitoring'>, props: OperatorMonitoringProps) {
    super(scope, 'monitoring', values);
    const { release } = values.monitoring;
    const object = (apiVersion: string, kind: string, spec: object) =>
      new ApiObject(this, kind, {
        apiVersion,
        kind,
        metadata: { name: 'gateway', labels: { ...sharedLabels(values), ...(release !== undefined && { release }) } },
        spec,
      });

    object('monitoring.coreos.com/v1', 'PrometheusRule', props.rules);
    object('monitoring.coreos.com/v1alpha1', 'AlertmanagerConfig', props.alerts);
    // Pods and not the Service: its port is public, and the ops port must not be.
    object('monitoring.coreos.com/v1', 'PodMonitor', {
      // The job of a target is the value of this label, which is `gateway`.
      jobLabel: 'app.kubernetes.io/name',
      podMetricsEndpoints: [{ port: 'ops', path: '/metrics', interval: values.monitoring.scrapeInterval }],
      selector: { matchLabels: selectorLabels('gateway') },
    });
  }
}
