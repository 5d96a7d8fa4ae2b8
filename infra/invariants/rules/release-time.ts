import { toMilliseconds, toPerSecond, type Service } from '../../../service/definition/index.ts';
import type { Quantity } from '../comparison.ts';
import { perSecond, rounded, seconds } from '../time.ts';

/**
 * Requests per second that reach the first new pod of a release at the lowest load, when the autoscaler keeps its
 * minimum: its share among the pods in the Service, and the synthetic ones.
 */
export function arrivals({ load, release, scaling, rollout }: Service): Quantity {
  const pods = scaling.min + rollout.surge + release.baseline;
  const natural = toPerSecond(load.lowest) / pods;
  const share = `${load.lowest} load.lowest ÷ (${scaling.min} scaling.min + ${rollout.surge} surge + ${release.baseline} baseline)`;
  if (release.probes === undefined) return { value: natural, text: `${share} = ${rounded(natural)}/s` };
  const value = natural + toPerSecond(release.probes);
  return { value, text: `${share} + ${release.probes} probes = ${rounded(value)}/s` };
}

/** How long the first new pod needs for the minimum sample, in whole seconds. */
export function fillingTime(service: Service): Quantity {
  const { minimumSample } = service.release;
  const { value, text } = arrivals(service);
  const time = Math.ceil(minimumSample / value) * 1000;
  return { value: time, text: `${minimumSample} requests ÷ (${text}) = ${seconds(time)}` };
}

/** Synthetic requests that fill the sample in so many milliseconds; undefined where none could. */
export function probesFilling(service: Service, milliseconds: number): readonly string[] | undefined {
  if (milliseconds <= 0) return undefined;
  const { release } = service;
  const natural = arrivals({ ...service, release: { ...release, probes: undefined } }).value;
  return [`release.probes=${perSecond((release.minimumSample * 1000) / milliseconds - natural)}`];
}

/** The longest from the first bad request to the guard's decision. A rule's `for` ends with an evaluation. */
export function detectionTime(service: Service): Quantity {
  const { monitoring, release } = service;
  const discovery = toMilliseconds(monitoring.discoveryInterval);
  const scrape = toMilliseconds(monitoring.scrapeInterval);
  const evaluation = toMilliseconds(monitoring.evaluationInterval);
  const held = Math.ceil(toMilliseconds(release.for) / evaluation) * evaluation;
  const wait = toMilliseconds(release.groupWait);
  const delivery = toMilliseconds(release.delivery);
  const filling = fillingTime(service).value;
  const value = discovery + 2 * scrape + evaluation + held + wait + delivery + filling;
  return {
    value,
    text:
      `${seconds(discovery)} discovery + 2 × ${seconds(scrape)} scrape + ${seconds(evaluation)} evaluation + ` +
      `${seconds(held)} for + ${seconds(wait)} group wait + ${seconds(delivery)} delivery + ` +
      `${seconds(filling)} to fill the sample = ${seconds(value)}`,
  };
}
