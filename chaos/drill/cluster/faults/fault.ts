import type { Service } from '../../../../service/definition/index.ts';
import type { Clock } from '../../clock.ts';
import type { ClusterFault, Undo } from '../journal/index.ts';
import type { Place } from '../place.ts';
import type { ProxyControl } from './proxy-control.ts';

/** What a fault is made, and put back, with. */
export type FaultContext = {
  readonly place: Place;
  readonly service: Service;
  readonly clock: Clock;
  /** The way to fault proxies. */
  readonly proxies: ProxyControl;
};

/** A fault that could be made now: everything was read, and nothing changed. */
export type Plan = {
  /** How everything is put back, in this order. */
  readonly undo: readonly Undo[];
  /** Makes it. Rejects, maybe half-way, when it cannot or the signal is aborted. */
  readonly apply: (signal: AbortSignal) => Promise<void>;
};

/** The wish that a plan is made for. */
export type Wanted<F extends ClusterFault = ClusterFault> = {
  readonly id: string;
  readonly fault: F;
  /** Milliseconds after which a proxy lets everything pass again by itself. */
  readonly ttl: number;
};

/** One kind of fault. */
export type FaultKind<F extends ClusterFault> = {
  /** The fault in words. */
  readonly title: (fault: F, service: Service) => string;
  /** Every object that is touched, a line each. */
  readonly touches: (fault: F, service: Service) => readonly string[];
  /** Reads what there is. Rejects with a sentence where the fault cannot be made. */
  readonly plan: (context: FaultContext, wanted: Wanted<F>) => Promise<Plan>;
};
