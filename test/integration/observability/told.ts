import { INHIBITIONS, type LabelMatcher } from '../../../alerts/index.ts';
import { isMatch } from '../../../service/telemetry/matcher.ts';
import type { HttpSink } from '../../alerts/stand-ins.ts';

/** An alert that a receiver was told of, and when. */
export type Told = {
  readonly path: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

type Body = { readonly alerts: readonly Omit<Told, 'path'>[] };

/** All that a receiver was told of, in order. */
export function toldBy({ posted }: HttpSink): readonly Told[] {
  return posted.flatMap(({ path, body }) => (body as Body).alerts.map((alert) => ({ path, ...alert })));
}

/** The alerts, by name, of which nobody is told while all of these fire. */
export function silentAmong(firing: readonly Readonly<Record<string, string>>[]): readonly string[] {
  const silent = firing.filter((alert) =>
    INHIBITIONS.some(
      ({ source, target, equal }) =>
        matches(alert, target) &&
        firing.some((cause) => matches(cause, source) && equal.every((label) => cause[label] === alert[label])),
    ),
  );
  return [...new Set(silent.map(({ alertname = '' }) => alertname))].sort();
}

function matches(labels: Readonly<Record<string, string>>, matchers: readonly LabelMatcher[]): boolean {
  return matchers.every(({ label, operator, value }) => isMatch(`${operator}${value}`, labels[label] ?? ''));
}
