import { definition, withValues } from '../../../service/definition/index.ts';
import {
  createUpstreamClient,
  type UpstreamClient,
  type UpstreamOptions,
} from '../../../service/gateway/upstream/index.ts';
import { openBlackHole } from '../black-hole.ts';
import { startOrigin, type Origin, type Script } from '../origin.ts';

/** A client and the origin it asks. */
export type TestUpstream = {
  readonly origin: Origin;
  readonly client: UpstreamClient;
  readonly outcomes: string[];
};

/** Clients and origins of one test file; `closeAll` belongs into its `afterEach`. */
export class TestUpstreams {
  readonly #closers: (() => unknown)[] = [];

  /** Starts an origin and a client of it; `settings` are the definition's, such as `upstream.attempts=3`. */
  async start(
    script: Script,
    settings: readonly string[] = [],
    options: Partial<UpstreamOptions> = {},
  ): Promise<TestUpstream> {
    const origin = await startOrigin(script);
    this.#closers.push(() => origin.close());
    return { origin, ...this.client(origin.url, settings, options) };
  }

  /** A client of an origin that runs elsewhere. */
  client(
    origin: string,
    settings: readonly string[] = [],
    options: Partial<UpstreamOptions> = {},
  ): { client: UpstreamClient; outcomes: string[] } {
    const outcomes: string[] = [];
    const client = createUpstreamClient({
      origin,
      settings: withValues(definition.dev, ['upstream.backoff=10ms', ...settings]).upstream,
      onAttempt: (outcome) => outcomes.push(outcome),
      ...options,
    });
    this.#closers.push(() => client.close());
    return { client, outcomes };
  }

  /** An origin that can neither be connected to nor refuses. */
  async blackHole(): Promise<string> {
    const { url, close } = await openBlackHole();
    this.#closers.push(close);
    return url;
  }

  async closeAll(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
  }
}

/** A request that may be tried again. */
export const GET = { method: 'GET', path: '/', idempotent: true } as const;

/** A request that may not. */
export const POST = { method: 'POST', path: '/', idempotent: false, body: 'x' } as const;
