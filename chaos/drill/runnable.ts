import { formatDuration, LANES, toMilliseconds, type Service } from '../../service/definition/index.ts';
import { BREAKERS } from '../../service/gateway/processes/breakers.ts';
import type { Ask, Bound, Experiment, Link } from '../experiment.ts';
import { detectionOf, hasAlert, LOOK_EVERY_MS } from './deadlines.ts';
import { findMetric } from './growth.ts';
import { ASKS } from './load/asks.ts';
import { laneOf } from './load/load.ts';
import { assertionIds, boundIds } from './names.ts';
import { FULL } from './pace.ts';
import { DrillRefusedError, type Refusal, type RefusalCode } from './refusal.ts';
import type { Pace } from './stand.ts';

/**
 * Checks that an experiment can be run in an environment and that its row does not contradict itself. Throws a
 * DrillRefusedError with everything that is wrong.
 */
export function requireRunnable(experiment: Experiment, service: Service, pace: Pace): void {
  const [first, ...others] = CHECKS.flatMap((check) => check(experiment, service, pace));
  if (first) throw new DrillRefusedError([first, ...others]);
}

type Check = (experiment: Experiment, service: Service, pace: Pace) => readonly Refusal[];

const refusal = ({ id }: Experiment, code: RefusalCode, sentence: string): Refusal => ({
  code,
  message: `experiment ${id}: ${sentence}`,
});

const CHECKS: readonly Check[] = [
  function fits(experiment, service) {
    if (experiment.fits(service)) return [];
    const sentence = `${service.environment} does not run what its fault needs; choose another environment or experiment`;
    return [refusal(experiment, 'does-not-fit', sentence)];
  },

  function idsAreUnique(experiment) {
    const ids = assertionIds(experiment);
    const twice = new Set(ids.filter((id, place) => ids.indexOf(id) !== place));
    return [...twice].map((id) => refusal(experiment, 'duplicate-id', `'${id}' names two assertions; rename one`));
  },

  function deadlinesAreLongEnough(experiment, service) {
    return experiment.chain.flatMap((link) => {
      const [least, reason] = leastOf(link, service);
      const given = toMilliseconds(link.within);
      if (given >= least) return [];
      const sentence = `link ${link.id} has ${link.within}, and ${reason} takes ${formatDuration(Math.ceil(least))}; give it more`;
      return [refusal(experiment, 'deadline-too-short', sentence)];
    });
  },

  function faultLastsAsLongAsItsLinks(experiment) {
    const given = toMilliseconds(experiment.duration);
    const late = experiment.chain.filter(({ from, within }) => from === 'fault' && toMilliseconds(within) > given);
    return late.map(({ id, within }) => {
      const sentence = `link ${id} has ${within} and the fault is over after ${experiment.duration}; raise duration`;
      return refusal(experiment, 'duration-too-short', sentence);
    });
  },

  function leastIsNotBeyondDuration(experiment) {
    const { least, duration } = experiment;
    if (toMilliseconds(least) <= toMilliseconds(duration)) return [];
    return [refusal(experiment, 'least-too-long', `least is ${least} and duration ${duration}; lower least`)];
  },

  function whatBreaksIsAsserted(experiment) {
    const ids = assertionIds(experiment);
    return experiment.protection.breaks
      .filter((id) => !ids.includes(id))
      .map((id) => {
        const sentence = `protection.breaks names '${id}', which nothing asserts; there are ${ids.join(', ')}`;
        return refusal(experiment, 'unknown-break', sentence);
      });
  },

  function whatIsSeenExists(experiment) {
    return experiment.chain.flatMap(({ id, expect }) => {
      if (expect.kind === 'counted' && !findMetric(expect.metric)) {
        const sentence = `link ${id} counts '${expect.metric}', which the catalogue of metrics lacks`;
        return [refusal(experiment, 'unknown-metric', sentence)];
      }
      if (expect.kind === 'breaker' && !(expect.breaker in BREAKERS)) {
        const known = Object.keys(BREAKERS).join(', ');
        return [refusal(experiment, 'unknown-breaker', `link ${id} waits for '${expect.breaker}'; there are ${known}`)];
      }
      return [];
    });
  },

  function whatIsAskedHasARoute(experiment, service) {
    const asks = Object.keys(experiment.load) as Ask[];
    return asks
      .filter((ask) => !(ASKS[ask].route in service.routes))
      .map((ask) => {
        const sentence = `its load asks for ${ask}, and the definition has no route '${ASKS[ask].route}'`;
        return refusal(experiment, 'unknown-route', sentence);
      });
  },

  function boundsAreAboutTheLoad(experiment, service) {
    const ids = boundIds(experiment.bounds);
    return experiment.bounds.flatMap((bound, place) => {
      const missing = unmeasured(bound, experiment.load, service);
      return missing === undefined ? [] : [refusal(experiment, 'unmeasured-bound', `${ids[place] ?? ''} ${missing}`)];
    });
  },
];

/** The shortest deadline that a link can keep, at full pace, and why. */
function leastOf({ expect }: Link, service: Service): readonly [number, string] {
  const look = LOOK_EVERY_MS[expect.kind];
  if (expect.kind !== 'alert' || !hasAlert(expect.alert, service)) return [look, 'to look once'];
  const detection = detectionOf(expect.alert, expect.state, service, FULL);
  return detection > look ? [detection, `detection of ${expect.alert}`] : [look, 'to look once'];
}

/** Why nothing that the load asks for can keep or break a bound; undefined: something can. */
function unmeasured(bound: Bound, load: Experiment['load'], service: Service): string | undefined {
  const asks = (Object.keys(load) as Ask[]).filter((ask) => ASKS[ask].route in service.routes);
  const toUpstream = asks.filter((ask) => ASKS[ask].reachesUpstream);
  switch (bound.kind) {
    case 'amplification':
      return toUpstream.length > 0 ? undefined : 'needs a load that reaches the upstream, such as search-miss';
    case 'fetches':
      if (!asks.includes('search-same')) return "needs 'search-same' in the load";
      return toUpstream.length === 0 ? undefined : `cannot tell fetches from ${toUpstream.join(', ')}; leave them out`;
    default: {
      const meant = asks.filter((ask) => laneOf(ask, service) === bound.lane);
      const strangers = bound.asks?.filter((ask) => !meant.includes(ask)) ?? [];
      if (strangers.length > 0) return `is about ${strangers.join(', ')}, which its load never asks for in that lane`;
      return meant.length > 0
        ? undefined
        : `is about a lane that its load never asks for; lanes are ${LANES.join(', ')}`;
    }
  }
}
