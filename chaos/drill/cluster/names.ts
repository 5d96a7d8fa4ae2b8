import type { Component } from '../../experiment.ts';

/** What the objects of drills in a cluster are called. The manifests bring those that are there before a drill. */
export const DRILL = {
  /** The ConfigMap that is the journal of wishes and of what was done. */
  journal: 'sluice-drill',
  /** The Lease of the keeper that acts. */
  lease: 'sluice-drill',
  /** Deployment, Service and account of the keeper. */
  keeper: 'drill-keeper',
  /** The CronJob that starts drills, and what its Jobs are called after. */
  runner: 'drill',
  /** Reports of runs are ConfigMaps whose names begin so. */
  report: 'drill-report-',
} as const;

/** On the ConfigMaps of reports: the run that they are of. */
export const REPORT_LABEL = 'sluice/drill-report';

/** On a Service whose requests go to a fault proxy: its own selector as JSON, for whoever finds it so. */
export const SELECTOR_ANNOTATION = 'sluice/drill-selector';

/** On whatever a keeper has made: the wish that it is for. */
export const WISH_LABEL = 'sluice/drill-wish';

/** On a fault proxy: what it stands in front of. */
export const PROXY_OF_LABEL = 'sluice/drill-proxy';

/** On a namespace that may be drilled. */
export const ALLOWED_LABEL = { key: 'sluice/drills', value: 'allowed' } as const;

/** Under which name the API server notes what a drill set. */
export const FIELD_MANAGER = 'sluice-drill';

/** A fault proxy, and behind what name it finds what it stands in front of. */
export const proxyNames = (of: Component | 'release'): { readonly proxy: string; readonly target: string } => ({
  proxy: `drill-proxy-${of}`,
  target: `drill-target-${of}`,
});

/** Labels of the pods of fault proxies; of one, where it is said what it stands in front of. */
export function proxyLabels(of?: Component | 'release'): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/name': 'drill-proxy',
    'app.kubernetes.io/instance': 'drill-proxy',
    ...(of !== undefined && { [PROXY_OF_LABEL]: of }),
  };
}
