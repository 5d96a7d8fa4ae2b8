import type { AddressInfo } from 'node:net';
import { addEvent, alertKey, EMPTY_STATE, type GuardEvent, type Inbox } from '../../../../alerts/rollback/index.ts';
import { storeOf } from '../../../../alerts/rollback/guard/event-store.ts';
import { createGuardMetrics } from '../../../../alerts/rollback/metrics.ts';
import { createGuardServer } from '../../../../alerts/rollback/server.ts';
import type { BodyBounds } from '../../../../alerts/rollback/webhook/read-body.ts';
import { createWebhook } from '../../../../alerts/rollback/webhook/webhook.ts';

/** What the guard's port of a test asks for. */
export const TOKEN = '0123456789abcdef0123456789abcdef';

/** The time by the guard's clock. */
export const NOW = Date.parse('2026-03-01T12:00:00Z');

/** The guard's port with everything behind it that takes alerts, and an inbox in memory. */
export type Taker = {
  readonly origin: string;
  readonly port: number;
  readonly inbox: () => Inbox;
  readonly lines: readonly Line[];
  /** When the Watchdog was heard. */
  readonly heard: readonly number[];
  /** How often the loop was woken. */
  readonly woken: () => number;
  /** Lets every call of the store fail, or says that it is busy. */
  trouble: 'none' | 'away' | 'busy';
  readonly post: (body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** Deliveries that were counted, by result. */
  readonly counted: () => Promise<Readonly<Record<string, number>>>;
  readonly close: () => Promise<void>;
};

/** A line of the log. */
export type Line = { readonly level: string; readonly fields: object; readonly text: string };

/** Settings of the port that differ. */
export type TakerOptions = {
  readonly sources?: readonly string[];
  readonly bounds?: BodyBounds;
  readonly ready?: boolean;
};

/** Starts it on a free port of this machine. */
export async function startTaker({
  sources = ['127.0.0.0/8'],
  bounds,
  ready = true,
}: TakerOptions = {}): Promise<Taker> {
  const lines: Line[] = [];
  const heard: number[] = [];
  let inbox: Inbox = { events: [] };
  let woken = 0;
  const metrics = createGuardMetrics({ now: () => NOW });
  const say = (level: string) => (fields: object, text: string) => void lines.push({ level, fields, text });
  const log = { info: say('info'), warn: say('warn'), error: say('error') } as never;
  const store = {
    addEvent(event: GuardEvent) {
      if (taker.trouble === 'away') return Promise.reject(new Error('the API server does not answer'));
      if (taker.trouble === 'busy') return Promise.resolve('busy' as const);
      const added = addEvent(inbox, event, EMPTY_STATE.taken);
      inbox = added.inbox;
      return Promise.resolve(({ added: 'accepted', duplicate: 'duplicate', full: 'busy' } as const)[added.result]);
    },
  };
  const server = createGuardServer({
    takeAlerts: createWebhook({
      token: TOKEN,
      sources,
      namespace: 'shop',
      externalLabels: ['cluster', 'prometheus'],
      alertAge: 600_000,
      ...(bounds && { bounds }),
      now: () => NOW,
      store: storeOf({ store, complain: (doing) => metrics.failed(doing), wake: () => (woken += 1) }),
      onWatchdog: (at) => heard.push(at),
      log,
    }),
    onDelivery: metrics.delivered,
    isReady: () => ready,
    metrics: metrics.read,
    status: () => ({ leads: true }),
    log,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const taker: Taker = {
    origin,
    port,
    inbox: () => inbox,
    lines,
    heard,
    woken: () => woken,
    trouble: 'none',
    post: (body, headers = {}) =>
      fetch(`${origin}/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async counted() {
      const text = await (await fetch(`${origin}/metrics`)).text();
      const found = text.matchAll(/^gateway_guard_webhooks_total\{result="(\w+)"\} (\d+)$/gm);
      return Object.fromEntries([...found].map(([, result = '', count]) => [result, Number(count)]));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return taker;
}

/** An alert as Alertmanager notifies of it; on the release `7d9f8b6c5d`, which it began to fire for 20 s ago. */
export function alert(changes: Readonly<Record<string, unknown>> = {}, labels: Readonly<Record<string, unknown>> = {}) {
  return {
    status: 'firing',
    labels: {
      alertname: 'ReleaseErrorsHigh',
      severity: 'release',
      team: 'service',
      service: 'shop',
      namespace: 'shop',
      pod_template_hash: '7d9f8b6c5d',
      ...labels,
    },
    annotations: { summary: 'A release fails more requests than a release may' },
    startsAt: '2026-03-01T11:59:40.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus:9090/graph',
    fingerprint: 'c1a2b3d4e5f60718',
    ...changes,
  };
}

/** A notification of some alerts, as Alertmanager 0.25 sends it. */
export function notification(alerts: readonly object[] = [alert()], changes: Readonly<Record<string, unknown>> = {}) {
  return {
    receiver: 'guard',
    status: 'firing',
    alerts,
    groupLabels: { alertname: 'ReleaseErrorsHigh', namespace: 'shop', pod_template_hash: '7d9f8b6c5d' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    version: '4',
    groupKey: '{}/{severity="release"}:{alertname="ReleaseErrorsHigh"}',
    truncatedAlerts: 0,
    ...changes,
  };
}

/** The key under which an alert of `alert()` is stored. */
export function keyOf(kind: 'firing' | 'resolved', hash = '7d9f8b6c5d'): string {
  return alertKey({
    kind,
    fingerprint: 'c1a2b3d4e5f60718',
    startsAt: Date.parse('2026-03-01T11:59:40.123456789Z'),
    hash,
  });
}
