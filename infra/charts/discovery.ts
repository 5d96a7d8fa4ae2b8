import { Pods, Service } from 'cdk8s-plus-28';
import { formatDuration, toMilliseconds, type Service as Values } from '../../service/definition/index.ts';
import { GATEWAY_JOB } from '../../service/telemetry/catalogue.ts';
import { labels, selectorLabels, type Identity } from './labels.ts';
import type { Layer } from './layer.ts';

const NAME = 'gateway-ops';

/** A name that resolves to the ops port of every gateway pod, also of one that is not Ready: that one matters most. */
export function addGatewayTargets(layer: Layer, identity: Identity, { opsPort }: Values['gateway']): void {
  new Service(layer, NAME, {
    metadata: { name: NAME, labels: labels({ identity, component: 'gateway', version: identity.version }) },
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    ports: [{ name: 'ops', port: opsPort, targetPort: opsPort }],
    selector: Pods.select(layer, `${NAME}-pods`, { labels: selectorLabels('gateway') }),
  });
}

/**
 * The `scrape_configs` of a Prometheus in the same namespace. It finds pods by name resolution and not by the API
 * server, so that it needs neither a token nor a role; a pod is then known by its address.
 */
export function gatewayScrapes({
  namespace,
  gateway,
  monitoring,
}: Pick<Values, 'namespace' | 'gateway' | 'monitoring'>): readonly object[] {
  const refresh = formatDuration(toMilliseconds(monitoring.discoveryInterval));
  return [
    {
      job_name: GATEWAY_JOB,
      dns_sd_configs: [{ names: [NAME], type: 'A', port: gateway.opsPort, refresh_interval: refresh }],
      relabel_configs: [
        { target_label: 'namespace', replacement: namespace },
        { source_labels: ['__address__'], regex: '(.+):\\d+', target_label: 'pod' },
      ],
    },
  ];
}
