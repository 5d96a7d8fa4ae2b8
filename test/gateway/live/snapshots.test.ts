import { expect, test } from '@jest/globals';
import { createSnapshots } from '../../../service/gateway/live/snapshots.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';

const layout = layOutCells({
  routes: [{ id: 'search', method: 'GET', lane: 'critical' }],
  lanes: ['critical'],
  limits: [],
  breakers: [],
});

function started() {
  const cells = new Cells(layout);
  let workers = 1;
  const snapshots = createSnapshots({
    layout,
    readings: [{ metric: METRICS.workers, labels: {}, read: () => workers++ }],
    target: { pod: 'pod-1' },
    kept: 3,
  });
  return { cells, snapshots };
}

test('the last snapshots are kept, newest first, and no more than were asked for', () => {
  const { cells, snapshots } = started();
  for (let time = 1; time <= 10; time++) snapshots.take(cells.values, time);
  const [workers] = snapshots.seriesOf(METRICS.workers, '');
  expect(snapshots.times).toEqual([10, 9, 8]);
  expect([0, 1, 2].map((before) => workers?.valueAt(before))).toEqual([10, 9, 8]);
  expect(workers?.valueAt(3)).toBeNaN();
});

test('series are those of a scrape, with the labels that a scrape would add', () => {
  const { cells, snapshots } = started();
  cells.observeRequest(cells.requireRoute('search'), 204, 0.3);
  cells.observeRequest(cells.requireRoute('search'), 200, 99);
  snapshots.take(cells.values, 1);
  const of = (part: '_bucket' | '_count' | '_sum', edge?: string) =>
    snapshots
      .seriesOf(METRICS.requestDuration, part)
      .filter(({ labels }) => labels.status_class === '2xx' && labels.le === edge);
  expect(['0.2', '0.3', '60', '+Inf'].map((edge) => of('_bucket', edge)[0]?.valueAt(0))).toEqual([0, 1, 1, 2]);
  expect(of('_count')[0]?.valueAt(0)).toBe(2);
  expect(of('_sum')[0]?.valueAt(0)).toBeCloseTo(99.3);
  expect(of('_count')[0]?.labels).toEqual({
    route: 'search',
    method: 'GET',
    status_class: '2xx',
    lane: 'critical',
    pod: 'pod-1',
  });
});

test('a snapshot stays what it was when the cells go on counting', () => {
  const { cells, snapshots } = started();
  const set = cells.gauge(METRICS.streams);
  set(4);
  snapshots.take(cells.values, 1);
  set(9);
  expect(snapshots.seriesOf(METRICS.streams, '')[0]?.valueAt(0)).toBe(4);
});
