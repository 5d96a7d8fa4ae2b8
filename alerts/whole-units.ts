import { formatDuration, toMilliseconds, type Duration } from '../service/definition/index.ts';

/** A duration as Prometheus and Alertmanager read it, who know no fractions: 1.5 m is 90 s. */
export function wholeUnits(duration: Duration): Duration {
  return formatDuration(toMilliseconds(duration));
}
