import type { AlertId } from '../alerts/index.ts';
import type { Duration, Rate, Ratio, Service } from '../service/definition/index.ts';

/** A fault that holds back every packet from one component to another; the answers to probes of the node are not held. */
export type Delay = {
  readonly kind: 'delay';
  readonly from: Component;
  readonly to: Component;
  readonly latency: Duration;
};

/** One experiment: what is broken on purpose, and what must follow. */
export type Experiment = {
  /** Name that alerts refer to. */
  readonly id: string;
  /** What is believed to happen, in one sentence that the experiment can refute. */
  readonly hypothesis: string;
  /** What must hold before the fault, and again after it. */
  readonly steadyState: string;
  /** The least traffic that shows the effect: how many requests the fault hits, and what share of all they are. */
  readonly traffic: { readonly hit: Rate; readonly share: Ratio };
  readonly fault: Delay;
  /** How long the fault lasts; after it the fault is taken back, whatever happened. */
  readonly duration: Duration;
  /** Who can notice, and what cannot be touched. */
  readonly blastRadius: string;
  /** The alert that must fire before the fault ends. */
  readonly trips: AlertId;
  /** Alerts that must stay silent. */
  readonly mustNotTrip: readonly AlertId[];
  /** Whether the environment has what the fault needs. */
  readonly fits: (service: Service) => boolean;
};

type Component = 'gateway' | 'upstream';
