import { expect, test } from '@jest/globals';
import { definition } from '../../../service/definition/index.ts';
import { isLive, liveRows } from '../../../service/gateway/live/rows.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import { series } from '../../../service/telemetry/expression/index.ts';
import { GATEWAY_PANELS, type Panel } from '../../../service/telemetry/panels/index.ts';

const panels: readonly Panel[] = GATEWAY_PANELS;

test.each(Object.values(definition))(
  'the page of $environment has every panel that a gateway can draw, once',
  (service) => {
    const shown = liveRows(service).flatMap((row) => row.panels.map(({ id }) => id));
    expect(new Set(shown).size).toBe(shown.length);
    expect([...shown].sort()).toEqual(
      panels
        .filter((panel) => isLive(panel, service))
        .map(({ id }) => id)
        .sort(),
    );
    expect(shown.length).toBeGreaterThan(35);
  },
);

test('what Prometheus alone knows, what looks back for a day, and what compares pods is not on the page', () => {
  const left = panels.filter((panel) => !isLive(panel, definition.dev)).map(({ id }) => id);
  expect(left).toEqual(expect.arrayContaining(['objective-errors', 'objective-latency', 'pods-up', 'pod-errors']));
});

test('a panel that no row names stands in the last one', () => {
  const panel: Panel = {
    id: 'new',
    title: 'New',
    description: 'Something new.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [series(METRICS.workers)],
    legends: ['new'],
  };
  expect(
    liveRows(definition.dev, [...panels, panel])
      .at(-1)
      ?.panels.at(-1),
  ).toBe(panel);
});
