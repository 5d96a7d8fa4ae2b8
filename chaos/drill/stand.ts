import type { AlertId } from '../../alerts/index.ts';
import type { Service } from '../../service/definition/index.ts';
import type { Experiment, MeansId } from '../experiment.ts';

/** A series of an instant query: its labels, and its value now. */
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** An alert that fires, by its labels. */
export type FiringAlert = {
  readonly alert: AlertId;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 at which it began to fire, as Prometheus says. */
  readonly since: number;
};

/** The end of a release that the guard has watched. */
export type GuardEnding = {
  readonly outcome: string;
  readonly decidedAt?: number;
  readonly endedAt: number;
  readonly hash: string;
};

/**
 * What a drill runs against: a laptop's programs, or a cluster. It injects and takes back; it judges nothing. Every call
 * may throw for want of an answer, and the drill then tries again until its deadline.
 */
export type Stand = {
  readonly target: 'local' | 'cluster';
  readonly service: Service;
  /** Where clients send requests, such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** What clients identify themselves with; those with sessions take turns, for limits hold each user by itself. */
  readonly credentials: { readonly key: string; readonly sessions: readonly string[] };
  /** What runs, for the report: name and version. */
  versions(): Promise<Readonly<Record<string, string>>>;
  /** Why an expectation of a kind cannot be seen here, such as a Prometheus that is not installed; undefined: it can. */
  blindTo(kind: 'alert' | 'breaker' | 'guard' | 'pods-ready' | 'query' | 'fetches'): string | undefined;
  /** By which means it does the fault of an experiment; undefined with a reason: it cannot. */
  meansFor(experiment: Experiment): { readonly means: MeansId } | { readonly skipped: string };
  /** What would be touched, a line each: objects, programs. */
  touches(experiment: Experiment): readonly string[];
  /** Injects the fault; whatever becomes of the drill, it is taken back after `deadline` milliseconds. Throws: nothing is injected. */
  inject(experiment: Experiment, deadline: number): Promise<void>;
  /** Takes every fault back and waits until it is; does nothing where there is none. */
  revert(): Promise<void>;
  /** Faults of drills that are there now, a line each. */
  leftovers(): Promise<readonly string[]>;
  /** An instant query. */
  query(promql: string): Promise<readonly Sample[]>;
  /** Every alert that fires. */
  alerts(): Promise<readonly FiringAlert[]>;
  /** Workers whose breaker is open, by the breaker's name, as the gateway itself says. */
  breakers(): Promise<Readonly<Record<string, number>>>;
  /** The newest release whose watch ended after a time. */
  guardEnding(since: number): Promise<GuardEnding | undefined>;
  /** Pods (locally: workers) of the gateway that are Ready, and that should be. */
  pods(): Promise<{ readonly ready: number; readonly wanted: number }>;
  /** Requests that reached the upstream so far. */
  upstreamRequests(): Promise<number>;
  /** Ends whatever it has started. */
  close(): Promise<void>;
};

/** How time passes in a drill. */
export type Pace = {
  readonly name: 'full' | 'quick';
  /** By how much the rules' windows and `for`, and with them the deadlines of alerts, are shortened: 1 at full pace. */
  readonly factor: number;
};
