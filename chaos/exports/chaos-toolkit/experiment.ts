import { alertsOf, type AlertId } from '../../../alerts/index.ts';
import { prometheusUrl, toMilliseconds, toSeconds, type Service } from '../../../service/definition/index.ts';
import { METRICS, select } from '../../../service/telemetry/catalogue.ts';
import type { Experiment } from '../../experiment.ts';
import { EXPERIMENTS, tripsOf } from '../../table.ts';
import { isTelling } from '../../telling.ts';
import type { ChaosMeshObject } from '../chaos-mesh/types.ts';
import { requireDrills } from '../may-drill.ts';
import { injectionOf } from './injection.ts';
import { chaosToolkitSchema, type Activity, type ChaosToolkitExperiment, type HypothesisProbe } from './schema.ts';

const TIMEOUT = 5;

/** Time for what has recovered to be counted as well: a few scrapes. */
const SETTLING_SECONDS = 30;

/** An experiment for Chaos Toolkit, and the object beside it that its method hands to kubectl. */
export type ChaosToolkitExport = {
  readonly id: string;
  readonly experiment: ChaosToolkitExperiment;
  /** Absent: the fault is done without one. */
  readonly fault?: ChaosMeshObject;
};

/**
 * The experiments of an environment for Chaos Toolkit: those whose fault a command or a request injects. None where drills
 * are not enabled. Throws for production.
 */
export function chaosToolkitExperiments(
  service: Service,
  experiments: readonly Experiment[] = EXPERIMENTS,
): readonly ChaosToolkitExport[] {
  if (!service.drills.enabled) return [];
  requireDrills(service);
  return experiments.filter(({ fits }) => fits(service)).flatMap((row) => exported(row, service));
}

function exported(row: Experiment, service: Service): readonly ChaosToolkitExport[] {
  const injection = injectionOf(row, service);
  if (!injection) return [];
  const { by, inject, revert, fault } = injection;
  const experiment = chaosToolkitSchema.parse({
    version: '1.0.0',
    title: `${service.name}, ${service.environment}: ${row.id}`,
    description: `${row.hypothesis} What it touches: ${row.blastRadius}`,
    tags: ['sluice', service.environment, by],
    configuration: {
      gateway_url: variable('GATEWAY_URL', `http://gateway.${service.namespace}.svc:${service.gateway.port}`),
      prometheus_url: variable('PROMETHEUS_URL', prometheusUrl(service)),
      ...injection.configuration,
    },
    'steady-state-hypothesis': {
      title: 'The gateway answers, and nothing that is counted as wrong is there.',
      probes: [
        ...row.steadyState.http.map((path) => answers(path)),
        ...Object.entries(row.steadyState.queries(service)).map(([name, query]) => counted(`no ${name}`, query)),
        counted('no alert', firing(service, { alertname: `!~${silent(service).join('|')}` })),
      ],
    },
    method: [
      // The state after is looked at before rollbacks run: the fault is taken back as part of the method.
      ...inject.map((action, index) =>
        index < inject.length - 1 ? action : { ...action, pauses: { after: toSeconds(row.duration) } },
      ),
      ...tripsOf(row).map((alert) => told(alert, firing(service, { alertname: alert }))),
      { ...revert, name: `${revert.name}, and wait`, pauses: { after: recoveryOf(row) } },
    ],
    rollbacks: [revert],
    runtime: { rollbacks: { strategy: 'always' } },
  } satisfies ChaosToolkitExperiment);
  return [{ id: row.id, experiment, ...(fault && { fault }) }];
}

function variable(key: string, otherwise: string) {
  return { type: 'env', key, default: otherwise } as const;
}

function answers(path: string): HypothesisProbe {
  return {
    type: 'probe',
    name: `${path} answers`,
    provider: { type: 'http', method: 'GET', url: `\${gateway_url}${path}`, timeout: TIMEOUT },
    tolerance: 200,
  };
}

/** That a query counts nothing: no result, or 0. */
function counted(name: string, query: string): HypothesisProbe {
  return {
    ...asked(name, `count(abs(${query}) > 0) or vector(0)`),
    tolerance: { type: 'jsonpath', target: 'body', path: '$.data.result[*].value[1]', expect: ['0'] },
  };
}

/** Whether an alert fires, for the journal: Chaos Toolkit judges nothing inside of a method. */
function told(alert: AlertId, query: string): Activity {
  return asked(`${alert} fires`, query);
}

function asked(name: string, query: string) {
  return {
    type: 'probe',
    name,
    provider: {
      type: 'http',
      method: 'GET',
      url: '${prometheus_url}/api/v1/query',
      arguments: { query },
      timeout: TIMEOUT,
    },
  } as const;
}

/** Alerts that may fire without anything being wrong. */
function silent(service: Service): readonly string[] {
  return alertsOf(service)
    .map(({ id }) => id)
    .filter((id) => !isTelling(id, service));
}

function firing({ namespace }: Service, matchers: Readonly<Record<string, string>>): string {
  return select(METRICS.alerts, { alertstate: 'firing', namespace, ...matchers });
}

/** Seconds until everything that has to follow the fault's end has followed. */
function recoveryOf({ chain }: Experiment): number {
  const links = chain.filter(({ from }) => from === 'revert').map(({ within }) => toMilliseconds(within));
  return Math.max(0, ...links) / 1000 + SETTLING_SECONDS;
}
