import { ruleGroups, type AlertId } from '../../../../alerts/index.ts';
import { prometheusUrl, toMilliseconds, type Service } from '../../../../service/definition/index.ts';
import { askJson } from '../../local/ask.ts';
import type { FiringAlert, Sample } from '../../stand.ts';

/** What a stand asks of the Prometheus that evaluates the rules of an environment. */
export type StandPrometheus = {
  readonly query: (promql: string) => Promise<readonly Sample[]>;
  readonly alerts: () => Promise<readonly FiringAlert[]>;
  readonly version: () => Promise<string>;
};

type Value = readonly [at: number, value: string];
type Result =
  | { readonly resultType: 'scalar'; readonly result: Value }
  | {
      readonly resultType: 'vector';
      readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: Value }[];
    };
type Alerts = {
  readonly alerts: readonly {
    readonly state: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly activeAt: string;
  }[];
};

/** Asks it at its address, or at another one. Calls reject when it does not answer. */
export function standPrometheus(service: Service, url: string = prometheusUrl(service)): StandPrometheus {
  const pending = pendingTimes(service);
  const ask = async <T>(question: string): Promise<T> =>
    (await askJson<{ readonly data: T }>(`${url}/api/v1/${question}`)).data;
  return {
    async query(promql) {
      const { resultType, result } = await ask<Result>(`query?query=${encodeURIComponent(promql)}`);
      if (resultType === 'scalar') return [{ labels: {}, value: Number(result[1]) }];
      return result.map(({ metric: labels, value }) => ({ labels, value: Number(value[1]) }));
    },
    async alerts() {
      const { alerts } = await ask<Alerts>('alerts');
      // A Prometheus of the whole cluster knows those of other namespaces too.
      return alerts
        .filter(
          ({ state, labels }) => state === 'firing' && (labels.namespace ?? service.namespace) === service.namespace,
        )
        .map(({ labels, activeAt }): FiringAlert => {
          const alert = labels.alertname as AlertId;
          return { alert, labels, since: Date.parse(activeAt) + (pending.get(alert) ?? 0) };
        });
    },
    version: async () => (await ask<{ readonly version: string }>('status/buildinfo')).version,
  };
}

/** How long an alert waits until it fires: Prometheus says since when it waits. */
function pendingTimes(service: Service): ReadonlyMap<AlertId, number> {
  const rules = ruleGroups(service).groups.flatMap((group) => group.rules);
  return new Map(
    rules.flatMap((rule) => ('alert' in rule ? [[rule.alert as AlertId, toMilliseconds(rule.for)] as const] : [])),
  );
}
