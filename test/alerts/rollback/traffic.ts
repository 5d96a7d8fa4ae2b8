import { addEvent, alertKey, type Figures, type Policy, type Sample } from '../../../alerts/rollback/index.ts';
import type { Store } from './store.ts';
import type { World } from './world.ts';

/** How a version answers. */
export type Manner = { readonly failed: number; readonly fast: number };

/** As a version should. */
export const GOOD: Manner = { failed: 0.001, fast: 0.99 };

/** Far beyond the limit of errors. */
export const FAILS: Manner = { failed: 0.05, fast: 0.99 };

/** Far beyond the limit of latency. */
export const SLOW: Manner = { failed: 0.001, fast: 0.6 };

const WINDOW = 30_000;
const PENDING = 10_000;
const RESENT = 60_000;

type Limits = Pick<Policy, 'errors' | 'fast' | 'minimumSample'>;

type Alert = { since: number; startsAt?: number; sentAt?: number };

/**
 * What users, Prometheus and Alertmanager make of a world: every pod in the Service gets its share, an alert starts
 * when a version was bad for long enough, and is sent again and again, and once more when it is over.
 */
export class Traffic {
  /** Requests a second, in all. */
  rate = 60;
  /** Requests a second that the guard itself sends to each version. */
  probes = 5;
  answers = true;
  isSilenced = false;
  /** How far the clock of Prometheus is ahead. */
  skew = 0;
  readonly manners = new Map<string, Manner>();
  private readonly alerts = new Map<string, Alert>();
  private readonly history: { at: number; counts: Map<string, number> }[] = [];

  private readonly world: World;
  private readonly store: Store;
  private readonly limits: Limits;

  constructor(world: World, store: Store, limits: Limits) {
    this.world = world;
    this.store = store;
    this.limits = limits;
  }

  pass(milliseconds: number): void {
    const serving = this.world.serving();
    const counts = new Map<string, number>();
    for (const hash of new Set(serving)) {
      const share = serving.filter((one) => one === hash).length / serving.length;
      counts.set(hash, ((this.rate * share + this.probes) * milliseconds) / 1000);
    }
    this.history.push({ at: this.world.now, counts });
    while ((this.history[0]?.at ?? 0) < this.world.now - WINDOW) this.history.shift();
    if (!this.isSilenced) for (const hash of this.world.replicaSets.keys()) this.alert(hash);
  }

  sample(release: string, previous: string | undefined): Sample | undefined {
    if (!this.answers) return undefined;
    const before = previous === undefined ? undefined : this.figures(previous);
    const figures = this.figures(release);
    return { at: this.world.now, ...(figures && { release: figures }), ...(before && { previous: before }) };
  }

  /** An alert as it comes from outside, at any time. */
  send(kind: 'firing' | 'resolved', hash: string, startsAt: number): 'added' | 'duplicate' | 'full' {
    const key = alertKey({ kind, fingerprint: 'f00d', startsAt, hash });
    const event = { key, kind, name: 'ReleaseErrorsHigh', hash, storedAt: this.world.now, startsAt };
    const { result, inbox } = addEvent(this.store.inbox, event, this.store.state.taken);
    this.store.inbox = inbox;
    return result;
  }

  private figures(hash: string): Figures | undefined {
    const requests = this.history.reduce((sum, { counts }) => sum + (counts.get(hash) ?? 0), 0);
    if (requests === 0) return undefined;
    return { requests, timed: requests, ...(this.manners.get(hash) ?? GOOD) };
  }

  private alert(hash: string): void {
    const { now } = this.world;
    const figures = this.figures(hash);
    const isBad =
      figures !== undefined &&
      figures.requests >= this.limits.minimumSample &&
      (figures.failed > this.limits.errors || figures.fast < this.limits.fast);
    const alert = this.alerts.get(hash);
    if (!isBad) {
      if (alert?.startsAt !== undefined) this.send('resolved', hash, alert.startsAt);
      this.alerts.delete(hash);
      return;
    }
    const open = alert ?? { since: now };
    this.alerts.set(hash, open);
    if (now - open.since < PENDING) return;
    open.startsAt ??= now + this.skew;
    if (now - (open.sentAt ?? 0) < RESENT) return;
    open.sentAt = now;
    this.send('firing', hash, open.startsAt);
  }
}
