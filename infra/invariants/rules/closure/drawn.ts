import type { Alert } from '../../../../alerts/index.ts';
import { promqlOf } from '../../../../dashboards/panels.ts';
import type { Breach } from '../../finding.ts';
import { askedOf } from '../../query/asked-of.ts';
import type { Selected } from '../../query/reading.ts';
import { idsOf, named, type PanelRow, type Present } from './artefacts.ts';

/** Alerts whose panel is not there, is not where they lead to, or draws something else than they compare. */
export function drawnBreaches(present: Present): readonly Breach[] {
  const { alerts, panels, dashboards } = present;
  const sources = sourcesIn(present);
  return alerts.flatMap((alert) => {
    const panel = panels.find(({ id }) => id === alert.panel);
    const path = `alerts.${alert.id}`;
    if (!panel) return named(`${path}.panel`, alert.panel, idsOf(panels), 'panel', 'dashboards');
    const dashboard = dashboards.find(({ id }) => id === alert.dashboard);
    if (!dashboard) return named(`${path}.dashboard`, alert.dashboard, idsOf(dashboards), 'dashboard', 'dashboards');
    const isShown = dashboard.rows.some((row) => row.panels.includes(panel.id));
    return [...(isShown ? [] : [notShown(alert)]), ...undrawn(alert, panel, present, sources)];
  });
}

type Sources = (selected: Selected) => readonly Selected[];

/**
 * What is compared and not drawn: neither itself, nor what it is recorded from, nor what is recorded from it. A query
 * that is wrong is told by itself.
 */
function undrawn(alert: Alert, panel: PanelRow, { service }: Present, sources: Sources): readonly Breach[] {
  const ask = askedOf(service);
  const expression = alert.expression(service);
  const { problems, selected } = ask(expression);
  if (problems.length > 0) return [];
  const drawn = promqlOf(panel, service).flatMap((query) => ask(query).selected);
  const drawnSources = drawn.flatMap(sources);
  const missing = selected.filter((compared) => {
    if (drawn.some((one) => isSame(one, compared))) return false;
    const from = sources(compared);
    // What is recorded from nothing, such as a number of seconds, is nothing to be seen.
    return from.length > 0 && !from.some((source) => drawnSources.some((one) => isSame(one, source)));
  });
  return [...new Set(missing.map(({ metric }) => metric))].map((metric) => ({
    path: `alerts.${alert.id}.panel`,
    problem: `compares '${metric}', which its panel '${panel.id}' does not draw: ${expression}`,
    fixes: [{ edit: `name a panel that draws '${metric}', or draw it on '${panel.id}'` }],
  }));
}

/** What a series is made of, through as many recording rules as there are; of what nothing records, itself. */
function sourcesIn({ recordings, service }: Present): Sources {
  const ask = askedOf(service);
  const byName = Map.groupBy(recordings, ({ metric }) => metric.name);
  const found = new Map<string, readonly Selected[]>();
  const sources = (selected: Selected): readonly Selected[] => {
    const rules = byName.get(selected.metric);
    if (!rules) return [selected];
    const key = JSON.stringify(selected);
    const known = found.get(key);
    if (known) return known;
    // One that is recorded from itself ends here.
    found.set(key, []);
    const made = rules
      .filter(({ metric, labels }) => isSame(selected, { metric: metric.name, pinned: labels }))
      .flatMap(({ expression }) => ask(expression).selected.flatMap(sources));
    found.set(key, made);
    return made;
  };
  return sources;
}

/** Whether two selections can be of one series: of the same metric, with no label that both pin to another value. */
function isSame(one: Selected, other: Selected): boolean {
  return (
    one.metric === other.metric &&
    Object.entries(one.pinned).every(([label, value]) => (other.pinned[label] ?? value) === value)
  );
}

function notShown({ id, panel, dashboard }: Alert): Breach {
  return {
    path: `alerts.${id}.dashboard`,
    problem: `leads to the dashboard '${dashboard}', which does not show its panel '${panel}'`,
    fixes: [{ edit: `name a dashboard that shows '${panel}', or put it on '${dashboard}'` }],
  };
}
