import { describe, expect, test } from '@jest/globals';
import { DashboardsLayer } from '../../../infra/charts/index.ts';
import { dataOf, environment, render, requireObject } from '../render.ts';

describe('the dashboards layer', () => {
  const boards = new Map([
    ['overview.json', { title: 'Overview' }],
    ['stores.json', { title: 'Stores' }],
  ]);
  const objects = render((app) => new DashboardsLayer(app, environment(), boards));

  test.each([...boards])('puts %s where the sidecar of Grafana finds it', (file, board) => {
    const configMap = requireObject(objects, 'ConfigMap', `dashboard-${file.replace('.json', '')}`);

    expect(configMap.metadata.labels).toMatchObject({ grafana_dashboard: '1' });
    expect(configMap.metadata.annotations).toEqual({ 'k8s-sidecar-target-directory': 'sluice' });
    expect(JSON.parse(dataOf(configMap, file))).toEqual(board);
  });
});
