import type { Act } from '../act.ts';
import type { Facts } from '../facts.ts';
import type { Freeze, GuardEvent, Inbox, Signs, State } from '../state.ts';

/** The namespace of a gateway, as the guard sees and changes it. Every call throws a ClusterError when it cannot be answered. */
export type GuardCluster = {
  /**
   * What there is, at `now` by the guard's clock. With `since`, an earlier answer of this, only the gateway's Deployment
   * is read, and the rest again only where another template, number of pods or pace is wanted than then: for a guard
   * that waits for nothing.
   */
  readonly readFacts: (now: number, since?: Facts) => Promise<Facts>;
  /**
   * Does one act that followed from the last reading. A change of the gateway's Deployment is not made, without an
   * error, where the Deployment is no longer as it was read: the next reading tells. Rejects when any other act could
   * not be done.
   */
  readonly perform: (act: Act) => Promise<void>;
  /** Addresses of the Ready pods with a `pod-template-hash`, whatever else they are labelled with, sorted. */
  readonly podAddresses: (hash: string) => Promise<readonly string[]>;
  readonly store: Store;
  readonly lease: Lease;
};

/** What the guard keeps in its ConfigMap, in one reading. */
export type Kept = {
  readonly state: State;
  readonly inbox: Inbox;
  readonly signs: Signs;
  /** Another one after every change. */
  readonly version: string;
};

/** The guard's ConfigMap. Calls throw a StoredError where it holds what cannot be used. */
export type Store = {
  readonly read: () => Promise<Kept>;
  /**
   * Stores a state that followed from `kept`, and takes what it took out of the inbox; false, and nothing is stored,
   * when the ConfigMap was changed since it was read.
   */
  readonly writeState: (kept: Kept, state: State) => Promise<boolean>;
  /** Stores an event. `busy`: it could not be stored now, because too many wait or write; it may come again. */
  readonly addEvent: (event: GuardEvent) => Promise<'accepted' | 'duplicate' | 'busy'>;
  /** Notes signs of life; an older one than is noted changes nothing. Rejects when too many write. */
  readonly writeSigns: (signs: Partial<Signs>) => Promise<void>;
  /** Freezes everything, or ends that. Rejects when too many write. */
  readonly writeFreeze: (freeze: Freeze | undefined) => Promise<void>;
};

/** Who of several guards leads. */
export type Lease = {
  /** Stands for leader from now on: takes the Lease when nobody holds it, and renews it. Never rejects. */
  readonly start: () => void;
  /** Whether this one leads, by its own clock: false well before another one may take over. */
  readonly leads: () => boolean;
  /** Who holds it; absent: nobody does, nobody has renewed it for as long as it counts, or it could not be read. */
  readonly holder: () => string | undefined;
  /** Stops, and gives the Lease back where it was held, so that another one leads at once. */
  readonly stop: () => Promise<void>;
};
