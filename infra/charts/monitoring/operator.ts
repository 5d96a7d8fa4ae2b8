import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { HASH_LABEL } from '../../../alerts/rollback/cluster/template.ts';
import {
  isDrilled,
  isGuarded,
  storeExportersOf,
  type Service,
  type StoreExporter,
} from '../../../service/definition/index.ts';
import { programLabels, sharedLabels, type Component, type Identity } from '../objects/labels.ts';
import { Layer } from '../objects/layer.ts';
import { redisTargets } from '../redis/targets.ts';

/** What alerts and rules say, in the form of the operator's objects. */
export type OperatorMonitoringProps = {
  /** Groups of rules: the `spec` of a PrometheusRule. */
  readonly rules: object;
  /** Routes and receivers: the `spec` of an AlertmanagerConfig. */
  readonly alerts: object;
};

/** Monitoring where a Prometheus operator runs: what to scrape, which rules hold, who is told. */
export class OperatorMonitoringLayer extends Layer {
  constructor(
    scope: Construct,
    values: Identity & Pick<Service, 'datastores' | 'drills' | 'monitoring' | 'release' | 'stores'>,
    props: OperatorMonitoringProps,
  ) {
    super(scope, 'monitoring', values);
    const { release, scrapeInterval: interval } = values.monitoring;
    const object = (apiVersion: string, kind: string, spec: object, name: Component = 'gateway') =>
      new ApiObject(this, `${name}-${kind}`, {
        apiVersion,
        kind,
        metadata: { name, labels: { ...sharedLabels(values), ...(release !== undefined && { release }) } },
        spec,
      });

    object('monitoring.coreos.com/v1', 'PrometheusRule', props.rules);
    object('monitoring.coreos.com/v1alpha1', 'AlertmanagerConfig', props.alerts);
    const podMonitor = (component: Component, endpoints: readonly object[], targetLabels?: readonly string[]) =>
      object(
        'monitoring.coreos.com/v1',
        'PodMonitor',
        {
          // The job of a target is the value of this label, which is the component.
          jobLabel: 'app.kubernetes.io/name',
          podMetricsEndpoints: endpoints,
          ...(targetLabels && { podTargetLabels: targetLabels }),
          selector: { matchLabels: programLabels(component) },
        },
        component,
      );
    // Pods and not the Service: its port is public, and the ops port must not be.
    const ops = [{ port: 'ops', path: '/metrics', interval }];
    podMonitor('gateway', ops, [HASH_LABEL]);
    if (isGuarded(values)) {
      podMonitor('gateway-withdrawn', ops, [HASH_LABEL]);
      podMonitor('guard', [{ port: 'http', path: '/metrics', interval }]);
    }
    if (isDrilled(values)) podMonitor('drill-keeper', [{ port: 'http', path: '/metrics', interval }]);
    for (const exporter of storeExportersOf(values)) podMonitor(exporter, ENDPOINTS[exporter](values));
    // Its instances tell of themselves; the operator of Postgres would make this object without the label `release`.
    if (values.datastores.postgres.kind === 'cloudnativepg')
      podMonitor('postgres-cluster', [{ port: 'metrics', path: '/metrics', interval }]);
  }
}

/** What each exporter is asked: that of Redis once for each Redis, which the answer does not name itself. */
const ENDPOINTS: Readonly<
  Record<StoreExporter, (values: Pick<Service, 'monitoring' | 'stores'>) => readonly object[]>
> = {
  'postgres-exporter': ({ monitoring }) => [{ port: 'http', path: '/metrics', interval: monitoring.scrapeInterval }],
  'redis-exporter': ({ monitoring, stores }) =>
    redisTargets(stores).map(({ store, instance, address }) => ({
      port: 'http',
      path: '/scrape',
      params: { target: [address] },
      interval: monitoring.scrapeInterval,
      relabelings: [
        { targetLabel: 'instance', replacement: instance },
        { targetLabel: 'store', replacement: store },
      ],
    })),
};
