import { LABEL_VALUES, METRICS } from '../telemetry/catalogue.ts';
import type { Cells } from '../telemetry/cells.ts';

/** A number of requests or tokens; whatever else a provider writes is not shown. */
const COUNT = /^\d{1,15}$/;

/** What tells how much the provider of a model admits and how much of it is left, from the headers of its answers. */
export function createProviderLimits(cells: Cells, model: string): (headers: Readonly<Record<string, string>>) => void {
  const gauges = LABEL_VALUES.resource.flatMap((resource) => [
    { header: `x-ratelimit-limit-${resource}`, set: cells.gauge(METRICS.providerLimit, { model, resource }) },
    { header: `x-ratelimit-remaining-${resource}`, set: cells.gauge(METRICS.providerRemaining, { model, resource }) },
  ]);
  return (headers) => {
    for (const { header, set } of gauges) {
      const value = headers[header];
      if (value !== undefined && COUNT.test(value)) set(Number(value));
    }
  };
}
