import type { AlertId } from '../alerts/index.ts';
import type { Duration, Lane, Rate, Ratio, Service } from '../service/definition/index.ts';
import type { ProxyFault } from './faults/fault.ts';

/** What a fault proxy stands in front of. */
export type Proxied = 'upstream' | 'redis' | 'redis-cache' | 'postgres';

/** Programs that can be frozen or ended. */
export type Program = Proxied | 'gateway' | 'alertmanager';

/** How a laptop does a fault: with programs of its own. */
export type LocalFault =
  | { readonly kind: 'proxy'; readonly on: readonly Proxied[]; readonly fault: ProxyFault }
  /** SIGSTOP to the program and its children, SIGCONT to revert; of the gateway: one worker. */
  | { readonly kind: 'freeze'; readonly program: Program }
  /** SIGKILL, and started again to revert; of the gateway: one worker, which its primary replaces. */
  | { readonly kind: 'kill'; readonly program: Program }
  /** Connections that do nothing take every place that Postgres has left. */
  | { readonly kind: 'postgres-connections' }
  /** Nobody reads the gateway's log: the pipe is full. */
  | { readonly kind: 'log-stuck' }
  /** What the caches hold is void, while all ask for the same and the upstream answers so much later. */
  | { readonly kind: 'expire-key'; readonly latency: Duration };

/** How any cluster does a fault, with what Kubernetes has. */
export type KubernetesFault =
  /** Deletes one pod of the component, without its grace. */
  | { readonly kind: 'kill-pod'; readonly component: Component }
  /** Evicts every pod of the gateway that shares a node, one after the other, as a drain does, budget respected. */
  | { readonly kind: 'evict-pods'; readonly component: Component }
  /** Points the Service of a component at a fault proxy. */
  | { readonly kind: 'proxy'; readonly on: Proxied; readonly fault: ProxyFault }
  /** Scales a component to none. */
  | { readonly kind: 'scale-away'; readonly component: Component }
  /** Deploys a bad release of the gateway the way that releases take. */
  | { readonly kind: 'bad-release'; readonly bad: 'errors' | 'latency' };

/** How Chaos Mesh does a fault, as the part of the spec that its kind adds to mode and selector. */
export type ChaosMeshFault =
  | { readonly kind: 'PodChaos'; readonly on: Component; readonly action: 'pod-kill' | 'pod-failure' }
  | {
      readonly kind: 'NetworkChaos';
      readonly on: Component;
      readonly to: Component;
      readonly action: 'delay' | 'loss' | 'partition';
      readonly latency?: Duration;
      readonly loss?: Ratio;
    }
  | {
      readonly kind: 'HTTPChaos';
      readonly on: Component;
      readonly port: number;
      readonly code: number;
    }
  | {
      readonly kind: 'StressChaos';
      readonly on: Component;
      readonly cpu?: { readonly workers: number; readonly load: number };
      readonly memory?: { readonly workers: number; readonly size: string };
    }
  | { readonly kind: 'TimeChaos'; readonly on: Component; readonly offset: `${'-' | ''}${number}${'s' | 'm' | 'h'}` }
  | { readonly kind: 'DNSChaos'; readonly on: Component; readonly patterns: readonly string[] };

/** Pods by their label `app.kubernetes.io/component`. */
export type Component = 'gateway' | 'upstream' | 'redis' | 'redis-cache' | 'postgres' | 'alertmanager';

/** What can do a fault. */
export type MeansId = 'local' | 'kubernetes' | 'chaosMesh';

/** What can do the fault of an experiment, each in its way; at least one. */
export type Means = {
  readonly local?: LocalFault;
  readonly kubernetes?: KubernetesFault;
  readonly chaosMesh?: ChaosMeshFault;
};

/** What clients ask for while a drill runs; every kind has its lane. */
export type Ask =
  /** A search that no cache holds. */
  | 'search-miss'
  /** One of few searches that the cache holds. */
  | 'search-hit'
  /** One search that every client asks for. */
  | 'search-same'
  | 'chat'
  | 'chat-stream'
  | 'session'
  | 'order'
  | 'payment'
  | 'logs'
  | 'health';

/** What may become of requests: `at most` so many, from the fault until it has been over for as long as `after` says. */
export type Bound =
  /** Requests that failed even after one retry. */
  | { readonly kind: 'lost'; readonly lane: Lane; readonly atMost: number; readonly asks?: readonly Ask[] }
  /** The share of requests that failed at first. */
  | { readonly kind: 'failed'; readonly lane: Lane; readonly atMost: Ratio; readonly asks?: readonly Ask[] }
  /** The 99th percentile of the answers' times, of those that did not fail. */
  | { readonly kind: 'p99'; readonly lane: Lane; readonly atMost: Duration; readonly asks?: readonly Ask[] }
  /** Requests that reached what the fault is on, for each that clients sent: how much retries multiply. */
  | { readonly kind: 'amplification'; readonly atMost: number }
  /** Requests that reached the upstream for one that many clients asked for at once. */
  | { readonly kind: 'fetches'; readonly atMost: number };

/** One link of the chain that must happen. */
export type Link = {
  /** Short and unique in its experiment, kebab-case; reports and tests name it. */
  readonly id: string;
  /** From when time counts: the fault's start, or its end. */
  readonly from: 'fault' | 'revert';
  /** Within which it must have happened, at full pace. */
  readonly within: Duration;
  readonly expect:
    | { readonly kind: 'breaker'; readonly breaker: string; readonly state: 'open' | 'closed' }
    | {
        readonly kind: 'alert';
        readonly alert: AlertId;
        readonly state: 'firing' | 'resolved';
        readonly labels?: Readonly<Record<string, string>>;
      }
    | { readonly kind: 'guard'; readonly outcome: 'restored' }
    /** Pods of the gateway that are Ready are as many as before. */
    | { readonly kind: 'pods-ready' }
    /** The steady state holds. */
    | { readonly kind: 'steady' }
    /** The metric of the catalogue, summed, has grown by at least so much since the fault began. */
    | {
        readonly kind: 'counted';
        readonly metric: string;
        readonly labels?: Readonly<Record<string, string>>;
        readonly atLeast: number;
      };
};

/** One experiment: what is broken on purpose, and what must follow. */
export type Experiment = {
  /** Name that alerts refer to, kebab-case. */
  readonly id: string;
  /** What is believed to happen, in one sentence that the experiment can refute. */
  readonly hypothesis: string;
  /**
   * What must hold before the fault, and again after it. Each query of PromQL must have no result, or 0: what is counted
   * is what is wrong. No alert may fire beside those that always do.
   */
  readonly steadyState: {
    readonly queries: (service: Service) => Readonly<Record<string, string>>;
    /** Paths of the gateway that must answer 200. */
    readonly http: readonly string[];
  };
  /** What clients ask for, each at its pace, in an open loop. */
  readonly load: Partial<Readonly<Record<Ask, Rate>>>;
  readonly means: Means;
  /** The longest the fault lasts: it ends as soon as every link that counts from it has happened, and not before `least`. */
  readonly duration: Duration;
  /** The shortest it lasts. */
  readonly least: Duration;
  /** Who can notice, and what cannot be touched. */
  readonly blastRadius: string;
  /** What must happen, in order of time. */
  readonly chain: readonly Link[];
  /** What must hold of the requests. */
  readonly bounds: readonly Bound[];
  /** Alerts that must stay silent from the fault's start to the end. */
  readonly mustNotTrip: readonly AlertId[];
  /** Whether the guard must leave the release alone; false: the chain says what it does. */
  readonly guardIdle: boolean;
  /** When the drill gives up and takes the fault back at once: the share of requests of the critical lane that failed, over ten seconds. */
  readonly abortAbove: Ratio;
  /** What the experiment rehearses, and how a drill switches it off to show that it then fails. */
  readonly protection: {
    /** As in "without ...". */
    readonly name: string;
    /** Values of the definition, `path=value`. */
    readonly without: readonly string[];
    /** Ids of links, bounds (`lost-critical`) or `silent-ALERT`, one of which then breaks. */
    readonly breaks: readonly string[];
  };
  /** Values of the definition that a local drill of it needs beside those of every local drill, `path=value`. */
  readonly localValues?: readonly string[];
  /** Whether the environment has what the fault needs. */
  readonly fits: (service: Service) => boolean;
};
