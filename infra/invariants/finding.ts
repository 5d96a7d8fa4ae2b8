import type { EnvironmentName, Service } from '../../service/definition/index.ts';

/** A part of the system; an invariant joins two or more of them. */
export type Layer =
  | 'traffic'
  | 'autoscaler'
  | 'rollout'
  | 'disruption budget'
  | 'container'
  | 'quota'
  | 'deploy'
  | 'gateway'
  | 'balancer'
  | 'network'
  | 'upstream'
  | 'Redis'
  | 'Postgres'
  | 'metrics'
  | 'alerts'
  | 'dashboards'
  | 'drills';

/** A change that would end a finding: values, each `path=value`, or an edit in words where no value can do it. */
export type Fix = { readonly settings: readonly string[] } | { readonly edit: string };

/** One place where a rule does not hold. */
export type Breach = {
  /**
   * The field or row at fault. Of breaches with values to try, a rule has one for each field: so they are told apart.
   */
  readonly path: string;
  /** What does not hold, with both numbers and how they come about. */
  readonly problem: string;
  /** Both numbers, what should stand between them, and their unit; absent where names are compared. */
  readonly numbers?: Numbers;
  /** Changes worth trying, the best first. */
  readonly fixes: readonly Fix[];
};

/** Both sides of a comparison. */
export type Numbers = {
  readonly left: number;
  readonly right: number;
  readonly required: '<' | '<=' | '>=';
  readonly unit: string;
};

/** A breach, and the rule that it breaks: what `sluice check` tells. */
export type Finding = Breach & {
  readonly rule: string;
  readonly environment: EnvironmentName;
  readonly layers: readonly Layer[];
  /** Why the rule exists: what happens in production when it does not hold. */
  readonly reason: string;
};

/** A number and how it comes about, in words: `65s balancer.requestTimeout`. */
export type Quantity = { readonly value: number; readonly text: string };

/** What must hold between two quantities of one unit. */
export type Comparison = {
  /** The field that is bounded. */
  readonly path: string;
  readonly left: Quantity;
  readonly required: Numbers['required'];
  readonly right: Quantity;
  readonly unit:
    'connections' | 'ms' | 'MiB' | 'millicores' | 'volumes' | 'pods' | 'requests' | 'requests/s' | 'tokens/s' | 'users';
  /** Sets of `path=value` worth trying, the best first; what cannot be computed is left out as undefined. */
  readonly fixes: readonly (readonly string[] | undefined)[];
};

/** A change that breaks a rule, to show what that looks like: values, or an edit in words and what it breaks. */
export type Example =
  | { readonly settings: readonly string[] }
  | { readonly edit: string; readonly breaches: (service: Service) => readonly Breach[] };

/** One row of the table: a rule that joins layers which no single object can see together. */
export type Invariant = {
  readonly id: string;
  readonly layers: readonly Layer[];
  readonly reason: string;
  /** What must hold, in words and signs. */
  readonly formula: string;
  /** A change that breaks it in prod. */
  readonly example: Example;
  /** The quantities that it compares, also where all is well; absent where only names are compared. */
  readonly compare?: (service: Service) => readonly Comparison[];
  readonly check: (service: Service) => readonly Breach[];
};
