import { formatDuration, toMilliseconds, type Service } from '../../../service/definition/index.ts';
import type { Experiment } from '../../experiment.ts';
import { chaosOf } from './fault.ts';
import { TEMPLATE_FIELDS, type StatusCheck, type Template, type WorkflowSpec } from './types.ts';

const INTERVAL_SECONDS = 5;
const TIMEOUT_SECONDS = 2;

// What was well a moment ago may be about to break: twice more makes sure.
const SUCCESSES = 3;

/**
 * An experiment as a workflow: the steady state before, the fault while that is watched, the steady state after. Each
 * check that fails ends the whole, and with it the fault; so does the deadline of every step.
 */
export function workflowOf(experiment: Experiment, service: Service): WorkflowSpec {
  const fault = toMilliseconds(experiment.duration);
  const settled = (SUCCESSES + 1) * INTERVAL_SECONDS * 1000;
  const recovered = recoveryOf(experiment) + settled;
  const urls = experiment.steadyState.http.map((path) => urlOf(service, path));
  const phase = (name: string, within: number, check: (url: string) => StatusCheck): readonly Template[] =>
    urls.map((url, index) => ({
      name: urls.length === 1 ? name : `${name}-${index + 1}`,
      templateType: 'StatusCheck',
      deadline: formatDuration(within),
      abortWithStatusCheck: true,
      statusCheck: check(url),
    }));
  const before = phase('steady-before', 2 * settled, (url) => synchronous(url, 1));
  const during = phase('steady-during', fault, continuous);
  const after = phase('steady-after', recovered, (url) => synchronous(url, failuresWithin(recovered)));
  return {
    entry: 'experiment',
    templates: [
      {
        name: 'experiment',
        templateType: 'Serial',
        deadline: formatDuration(urls.length * (2 * settled + recovered) + fault),
        children: [...before.map(({ name }) => name), 'broken', ...after.map(({ name }) => name)],
      },
      ...before,
      {
        name: 'broken',
        templateType: 'Parallel',
        deadline: formatDuration(fault),
        children: ['fault', ...during.map(({ name }) => name)],
      },
      faultTemplate(experiment, service, fault),
      ...during,
      ...after,
    ],
  };
}

function faultTemplate({ means }: Experiment, { namespace }: Service, duration: number): Template {
  if (!means.chaosMesh) throw new Error('an experiment without means of Chaos Mesh has no workflow: leave it out');
  const { kind, spec } = chaosOf(means.chaosMesh, namespace);
  return {
    name: 'fault',
    templateType: kind,
    deadline: formatDuration(duration),
    [TEMPLATE_FIELDS[kind]]: spec,
  };
}

/** The longest that anything may take to be well again. */
function recoveryOf({ chain }: Experiment): number {
  return Math.max(0, ...chain.filter(({ from }) => from === 'revert').map(({ within }) => toMilliseconds(within)));
}

function synchronous(url: string, failureThreshold: number): StatusCheck {
  return { ...check('Synchronous', url, failureThreshold), successThreshold: SUCCESSES };
}

/** Two failures in a row may be the fault's first moments; a third one is an outage. */
function continuous(url: string): StatusCheck {
  return check('Continuous', url, 3);
}

function check(mode: StatusCheck['mode'], url: string, failureThreshold: number): StatusCheck {
  return {
    mode,
    type: 'HTTP',
    intervalSeconds: INTERVAL_SECONDS,
    timeoutSeconds: TIMEOUT_SECONDS,
    failureThreshold,
    http: { url, criteria: { statusCode: '200' } },
  };
}

function failuresWithin(milliseconds: number): number {
  return Math.ceil(milliseconds / (INTERVAL_SECONDS * 1000));
}

/** As clients see the gateway: by its Service, which leaves out pods that are not Ready. */
function urlOf({ gateway, namespace }: Service, path: string): string {
  return `http://gateway.${namespace}.svc:${gateway.port}${path}`;
}
