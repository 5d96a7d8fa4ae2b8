import { Pods, Service } from 'cdk8s-plus-28';
import {
  DRILL_PORT,
  formatDuration,
  GUARD_PORT,
  isDrilled,
  isGuarded,
  storeExportersOf,
  toMilliseconds,
  type StoreExporter,
  type Service as Values,
} from '../../../service/definition/index.ts';
import { GATEWAY_JOB } from '../../../service/telemetry/catalogue.ts';
import { labels, programLabels, type Component, type Identity, type Subject } from '../objects/labels.ts';
import { namesOfPods, type Layer } from '../objects/layer.ts';
import { redisTargets } from '../redis/targets.ts';
import { clusterScrapes } from './cluster-scrapes.ts';
import { EXPORTER_PORTS } from './ports.ts';

const BESIDE = { gateway: 'gateway-ops', guard: 'guard-ops', 'drill-keeper': 'drill-keeper-ops' } as const;

type Watched = Pick<
  Values,
  'datastores' | 'drills' | 'gateway' | 'ingress' | 'monitoring' | 'namespace' | 'release' | 'stores'
>;

/** Names that resolve to every pod that is scraped, also to one that is not Ready: that one matters most. */
export function addTargets(layer: Layer, values: Identity & Watched): void {
  const { opsPort } = values.gateway;
  const subject = (component: Component): Subject => ({ identity: values, component, version: values.version });
  // The Service that others use has one address for all, and of a gateway the public port alone.
  const beside = (component: keyof typeof BESIDE, portName: string, port: number): void => {
    const name = BESIDE[component];
    new Service(layer, name, {
      metadata: { name, labels: labels(subject(component)) },
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [{ name: portName, port, targetPort: port }],
      selector: Pods.select(layer, `${name}-pods`, { labels: programLabels(component) }),
    });
  };
  beside('gateway', 'ops', opsPort);
  if (isGuarded(values)) {
    beside('guard', 'http', GUARD_PORT);
    namesOfPods(layer, subject('gateway-withdrawn'), 'ops', opsPort);
  }
  if (isDrilled(values)) beside('drill-keeper', 'http', DRILL_PORT);
  for (const exporter of storeExportersOf(values))
    namesOfPods(layer, subject(exporter), 'http', EXPORTER_PORTS[exporter]);
}

/**
 * The `scrape_configs` of a Prometheus in the same namespace. It finds pods by name resolution and not by the API
 * server, so that it needs neither a token nor a role; a pod is then known by its address.
 */
export function scrapes(values: Watched): readonly object[] {
  const { namespace, gateway, monitoring } = values;
  const refresh = formatDuration(toMilliseconds(monitoring.discoveryInterval));
  const scrape = (job: string, name: string, port: number, labelled: readonly object[] = []) => ({
    job_name: job,
    dns_sd_configs: [{ names: [name], type: 'A', port, refresh_interval: refresh }],
    relabel_configs: [
      { target_label: 'namespace', replacement: namespace },
      { source_labels: ['__address__'], regex: '(.+):\\d+', target_label: 'pod' },
      ...labelled,
    ],
  });
  const exported: Readonly<Record<StoreExporter, () => readonly object[]>> = {
    'postgres-exporter': () => [scrape('postgres-exporter', 'postgres-exporter', EXPORTER_PORTS['postgres-exporter'])],
    'redis-exporter': () =>
      redisTargets(values.stores).map(({ store, instance, address }) => ({
        // Names of jobs may not repeat; the label of each is that of the exporter.
        ...scrape(`redis-exporter-${instance}`, 'redis-exporter', EXPORTER_PORTS['redis-exporter'], [
          { target_label: 'job', replacement: 'redis-exporter' },
          { target_label: 'instance', replacement: instance },
          { target_label: 'store', replacement: store },
        ]),
        metrics_path: '/scrape',
        params: { target: [address] },
      })),
  };
  return [
    scrape(GATEWAY_JOB, BESIDE.gateway, gateway.opsPort),
    ...(isGuarded(values)
      ? [scrape('guard', BESIDE.guard, GUARD_PORT), scrape('gateway-withdrawn', 'gateway-withdrawn', gateway.opsPort)]
      : []),
    ...(isDrilled(values) ? [scrape('drill-keeper', BESIDE['drill-keeper'], DRILL_PORT)] : []),
    ...storeExportersOf(values).flatMap((exporter) => exported[exporter]()),
    ...clusterScrapes(values),
  ];
}
