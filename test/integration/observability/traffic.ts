import { ask } from '../../support/gateway.ts';

/** Mixed requests that go on until they are stopped. */
export type Traffic = {
  /** When, by `Date.now()`, a request that was sent after a moment was first answered with 5xx; undefined: never. */
  failedSince(moment: number): number | undefined;
  stop(): Promise<void>;
};

type Request = readonly [
  method: string,
  path: (n: number) => string,
  headers?: Readonly<Record<string, string>>,
  body?: string,
];

const PAUSE_MS = 40;

/**
 * Sends some of everything to a gateway, 25 requests a second: hits and misses, models, orders, logs, refusals. What it
 * searches for nobody else does, so that no cache knows it.
 */
export function startTraffic({ port }: { readonly port: number }, key: string): Traffic {
  const failures: { readonly sentAt: number; readonly at: number }[] = [];
  const underWay = new Set<Promise<void>>();
  const requests = mix(key, `on-${port}`);
  let count = 0;
  const timer = setInterval(() => {
    const n = count++;
    const request = requests[n % requests.length];
    if (!request) return;
    const [method, path, headers = {}, body] = request;
    const sentAt = Date.now();
    const sent = ask(port, method, path(n), headers, body)
      .then(({ status }) => {
        if (status >= 500) failures.push({ sentAt, at: Date.now() });
      })
      // A gateway that a test ends answers no more.
      .catch(() => undefined)
      .finally(() => underWay.delete(sent));
    underWay.add(sent);
  }, PAUSE_MS);
  return {
    failedSince: (moment) =>
      failures
        .filter(({ sentAt }) => sentAt >= moment)
        .reduce<number | undefined>((first, { at }) => Math.min(first ?? at, at), undefined),
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

function mix(key: string, word: string): readonly Request[] {
  const json = { 'content-type': 'application/json' };
  const known = { ...json, authorization: `Bearer ${key}` };
  const chat = (stream: boolean): string =>
    JSON.stringify({
      model: 'sample',
      stream,
      ...(stream && { stream_options: { include_usage: true } }),
      messages: [{ role: 'user', content: 'How is a request retried?' }],
    });
  return [
    ['GET', (n) => `/v1/search?q=${word}-${n}`],
    ['GET', () => '/v1/search?q=retry'],
    ['POST', () => '/v1/chat/completions', json, chat(false)],
    ['GET', (n) => `/v1/search?q=${word}-${n}`],
    ['GET', () => '/v1/search?q=retry'],
    ['POST', () => '/v1/chat/completions', json, chat(true)],
    ['GET', (n) => `/v1/search?q=${word}-${n}`],
    ['POST', () => '/create-order', known, JSON.stringify({ item: 'tea', quantity: 2 })],
    ['POST', () => '/logs', known, JSON.stringify([{ level: 'info', message: 'hello' }])],
    ['GET', () => '/health'],
    ['GET', () => '/nowhere'],
  ];
}
