import { ConfigMap } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { sharedLabels, type Identity } from '../objects/labels.ts';
import { Layer } from '../objects/layer.ts';
import { sortedJson } from '../objects/sorted.ts';
import { DASHBOARD_FOLDER, DASHBOARD_LABEL } from './dashboard-label.ts';

/** Dashboards by file name, each in a ConfigMap that Grafana's sidecar finds by its label. */
export class DashboardsLayer extends Layer {
  constructor(scope: Construct, identity: Identity, dashboards: ReadonlyMap<string, object>) {
    super(scope, 'dashboards', identity);
    for (const [file, dashboard] of dashboards) {
      const name = `dashboard-${file.replace(/\.json$/, '')}`;
      // Not hashed like other ConfigMaps: two names of one dashboard would be shown as two.
      new ConfigMap(this, name, {
        metadata: {
          name,
          labels: { ...sharedLabels(identity), ...DASHBOARD_LABEL },
          // One for each service: a Grafana may show those of fifty.
          annotations: { [DASHBOARD_FOLDER]: identity.name },
        },
        data: { [file]: sortedJson(dashboard) },
      });
    }
  }
}
