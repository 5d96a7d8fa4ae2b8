import { createAdaptiveLimit, type AdaptiveLimit, type AdaptiveReason } from '../../limit/forecast/index.ts';
import type { PolicySets, TunedPolicy } from '../../limit/index.ts';
import { METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';

/** What moves adaptive limits in a worker. */
export type AdaptiveLimitsOptions = {
  readonly sets: PolicySets;
  readonly cells: Cells;
  readonly log: Log;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

type Tuning = { readonly adaptive: AdaptiveLimit; counted: number; reason: AdaptiveReason | undefined };

const INTERVAL_MS = 10_000;

/**
 * Moves every adaptive limit by a forecast of this worker's share of the demand; what counts is how the forecast
 * compares with the usual, which is the same for each share. To be called often; it acts every ten seconds.
 */
export function createAdaptiveLimits({ sets, cells, log, now = Date.now }: AdaptiveLimitsOptions): () => void {
  const tunings = new Map<TunedPolicy, Tuning>();
  let dueAt = 0;
  const tune = (policy: TunedPolicy, time: number): void => {
    const known = tunings.get(policy);
    const response = policy.scope === 'everyone' ? 'follow' : 'share';
    const tuning = known ?? {
      adaptive: createAdaptiveLimit({ settings: policy.settings, response }),
      counted: 0,
      reason: undefined,
    };
    tunings.set(policy, tuning);
    tuning.adaptive.record(policy.asked - tuning.counted, time);
    tuning.counted = policy.asked;
    const decision = tuning.adaptive.decide(policy.limit.declared, time);
    policy.limit.move(decision.limit === policy.limit.declared ? undefined : decision.limit);
    cells.gauge(METRICS.limitForecast, { limit: policy.name })(decision.forecast);
    cells.gauge(METRICS.limitsAdapting, { limit: policy.name })(decision.acting ? 1 : 0);
    if (decision.reason === tuning.reason) return;
    tuning.reason = decision.reason;
    log.info({ name: policy.name, ...decision }, `adaptive limit: ${decision.reason}`);
  };
  return () => {
    const time = now();
    if (time < dueAt) return;
    dueAt = time + INTERVAL_MS;
    for (const policy of sets.tuned) tune(policy, time);
  };
}
