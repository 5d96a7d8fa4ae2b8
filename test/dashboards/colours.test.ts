import { describe, expect, test } from '@jest/globals';
import { PANELS } from '../../dashboards/index.ts';
import { definition } from '../../service/definition/index.ts';
import { LABEL_VALUES } from '../../service/telemetry/catalogue.ts';
import { LABEL_MEANINGS, type Panel } from '../../service/telemetry/panels/index.ts';
import { builtDashboards, panelsIn, requireDashboard, requirePanel, type BuiltPanel } from './built.ts';

/** The colour that a panel gives to a line by name; undefined: Grafana chooses one by the name. */
function colourOf({ fieldConfig }: BuiltPanel, line: string): string | undefined {
  const matches = fieldConfig.overrides.filter(({ matcher }) => new RegExp(matcher.options.slice(1, -1)).test(line));
  return matches.flatMap(({ properties }) => properties.find(({ id }) => id === 'color')?.value.fixedColor ?? [])[0];
}

function panel(dashboard: Parameters<typeof requireDashboard>[1], title: string): BuiltPanel {
  return requirePanel(requireDashboard(definition.prod, dashboard), title);
}

test.each([
  ['overview', 'Answers', '5xx', 'red'],
  ['overview', 'Errors', '5xx', 'red'],
  ['overview', 'Answers', '2xx', 'green'],
  ['cache', 'Cache look-ups', 'hit', 'green'],
  ['overview', 'Cache hits', 'hits', 'green'],
  ['cache', 'Cache look-ups', 'stale', 'orange'],
  ['traffic', 'Waiting', 'critical', 'blue'],
  ['traffic', 'Waiting', 'critical, Postgres', 'blue'],
  ['overview', 'Lanes', 'background', 'purple'],
  ['upstreams', 'Breakers at work', 'redis half-open', 'orange'],
  ['overview', 'What fires', 'BreakerOpen (page)', 'red'],
] as const)('on %s, %s draws %s %s', (dashboard, title, line, colour) => {
  expect(colourOf(panel(dashboard, title), line)).toBe(colour);
});

test('a line of the same name has the same colour wherever it is drawn', () => {
  const lines = (PANELS as readonly Panel[]).flatMap(({ title, legends }) =>
    legends.flatMap((legend) =>
      Object.entries(LABEL_MEANINGS).flatMap(([label, values]) =>
        legend === `{{${label}}}`
          ? Object.keys(values).map((value) => ({ title, name: `${label} ${value}`, value }))
          : [],
      ),
    ),
  );
  const drawn = [...builtDashboards(definition.prod).values()].flatMap(panelsIn);
  const colours = Map.groupBy(
    lines.flatMap(({ title, name, value }) =>
      drawn.filter((one) => one.title === title).map((one) => ({ name, colour: colourOf(one, value) })),
    ),
    ({ name }) => name,
  );
  expect(colours.size).toBeGreaterThan(20);
  for (const [name, all] of colours) expect([name, new Set(all.map(({ colour }) => colour)).size]).toEqual([name, 1]);
});

test('what is of one colour is told apart by dashes', () => {
  const { overrides } = panel('traffic', 'Waiting').fieldConfig;
  const dashed = overrides.filter(({ properties }) => properties.some(({ id }) => id === 'custom.lineStyle'));
  expect(dashed.map(({ matcher }) => matcher.options)).toEqual(['/^.+, Postgres$/']);
});

describe('colours', () => {
  test('are of a palette that has a shade for a light page and one for a dark page', () => {
    const text = JSON.stringify([...builtDashboards(definition.prod).values()]);
    expect(text).not.toMatch(/#[0-9a-f]{3,8}\b|rgba?\(/i);
    for (const [, colour] of text.matchAll(/"(?:fixedColor|color|iconColor)":"([^"]+)"/g))
      expect(colour).toMatch(/^(green|red|orange|blue|purple|yellow|text)$/);
  });

  test('have a meaning for every value of a label that has some', () => {
    for (const [label, values] of Object.entries(LABEL_VALUES)) {
      const meant = LABEL_MEANINGS[label];
      if (meant) expect([label, Object.keys(meant)]).toEqual([label, expect.arrayContaining([...values])]);
    }
  });
});
