import type { Alert, LabelMatcher } from '../../../../alerts/index.ts';
import { nearest, type Service } from '../../../../service/definition/index.ts';
import type { Breach } from '../../finding.ts';
import { askedOf } from '../../query/asked-of.ts';
import { boundedLabels } from '../../query/bounded-labels.ts';
import type { Present } from './artefacts.ts';

/** Labels that rules lay over every result. */
const LAID_OVER = ['alertname', 'namespace', 'service', 'severity', 'team'] as const;

const ALERT_NAME = 'alertname';

/**
 * Inhibitions that go by a label or a value that an alert never has. Alertmanager takes two alerts that both lack a label
 * for alike in it, so that one would be silent because of anything.
 */
export function silenceBreaches({ inhibitions, alerts, service }: Present): readonly Breach[] {
  return inhibitions.flatMap(({ source, target, equal }) => {
    const path = `alerts.INHIBITIONS.${namesIn(source).join('|')}`;
    return [source, target].flatMap((matchers) =>
      alertsIn(matchers, alerts).flatMap((alert) => [
        ...lacking(alert, [...matchers.map(({ label }) => label), ...equal], path, service),
        ...impossible(alert, matchers, path, service),
      ]),
    );
  });
}

function lacking(alert: Alert, wanted: readonly string[], path: string, service: Service): readonly Breach[] {
  const { labels } = askedOf(service)(alert.expression(service));
  const has = new Set<string>([...(labels ?? []), ...LAID_OVER]);
  return [...new Set(wanted)]
    .filter((label) => !has.has(label))
    .map((label) => ({
      path,
      problem: `goes by the label '${label}', which ${alert.id} does not have`,
      fixes: [{ edit: `keep '${label}' in the expression of ${alert.id}, or do not go by it` }],
    }));
}

function impossible(
  alert: Alert,
  matchers: readonly LabelMatcher[],
  path: string,
  service: Service,
): readonly Breach[] {
  return matchers
    .filter(({ label, operator }) => operator === '=' && label !== ALERT_NAME)
    .flatMap(({ label, value }) => {
      const known = valuesOf(alert, label, service);
      if (known.length === 0 || known.includes(value)) return [];
      return [
        {
          path,
          problem: `waits for ${label}="${value}" of ${alert.id}, which it never has`,
          fixes: [{ edit: `go by a value that it has; ${nearest(value, known) ?? `there are: ${known.join(', ')}`}` }],
        },
      ];
    });
}

/** The values that a label of an alert can have; none: any. */
function valuesOf(alert: Alert, label: string, service: Service): readonly string[] {
  const bounded = boundedLabels(service);
  const { selected } = askedOf(service)(alert.expression(service));
  return [...new Set(selected.flatMap(({ metric }) => [...(bounded.get(metric)?.[label] ?? [])]))];
}

function alertsIn(matchers: readonly LabelMatcher[], alerts: readonly Alert[]): readonly Alert[] {
  const names = namesIn(matchers);
  return alerts.filter(({ id }) => names.includes(id));
}

function namesIn(matchers: readonly LabelMatcher[]): readonly string[] {
  return matchers.filter(({ label }) => label === ALERT_NAME).flatMap(({ value }) => value.split('|'));
}
