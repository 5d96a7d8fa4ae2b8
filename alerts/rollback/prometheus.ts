import { z } from 'zod';
import { RECORDED } from '../../service/telemetry/catalogue.ts';
import { matchersText } from '../../service/telemetry/matcher.ts';
import type { Figures, Sample } from './evidence.ts';
import { send } from './send.ts';

/** Where figures are, and of what. */
export type PrometheusOptions = {
  readonly url: string;
  readonly namespace: string;
  /** Milliseconds after which a recorded figure is none. */
  readonly freshFor: number;
  /** In milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds for an answer; default 2,000. */
  readonly timeout?: number;
};

/** The two versions that are compared, by the hashes that their pods are measured under. */
export type Compared = { readonly release: string; readonly previous: readonly string[] };

/** What the guard asks of Prometheus. */
export type Prometheus = {
  /** What it recorded of both versions last; undefined: it did not answer, or not as it should. */
  readonly look: (compared: Compared) => Promise<Sample | undefined>;
  /** Whether it answers at all. */
  readonly answers: () => Promise<boolean>;
  /** Why the last question was not answered; undefined: it was, or none was asked. */
  readonly problem: () => string | undefined;
};

const SERIES = {
  requests: RECORDED.releaseRequests.name,
  failed: RECORDED.releaseErrors.name,
  timed: RECORDED.releaseTimed.name,
  fast: RECORDED.releaseFast.name,
} as const;

type Numbers = { readonly [K in keyof typeof SERIES]?: number };

const value = z.tuple([z.number(), z.string()]);

const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(value).optional() })),
  }),
});

/** Reads what Prometheus recorded of releases, by its HTTP interface (2.42 and later). */
export function createPrometheus({ url, namespace, freshFor, now, timeout = 2_000 }: PrometheusOptions): Prometheus {
  let problem: string | undefined;
  const ask = async (query: string): Promise<z.output<typeof answer> | undefined> => {
    try {
      const { status, body } = await send({ url: `${url}/api/v1/query?query=${encodeURIComponent(query)}`, timeout });
      if (status !== 200) throw new Error(`Prometheus answered with status ${status}`);
      const parsed = answer.parse(JSON.parse(body));
      problem = undefined;
      return parsed;
    } catch (error) {
      problem = error instanceof z.ZodError || error instanceof SyntaxError ? NO_ANSWER : (error as Error).message;
      return undefined;
    }
  };
  return {
    async look({ release, previous }) {
      const hashes = [release, ...previous];
      const parsed = await ask(lastValues(namespace, hashes, freshFor));
      if (!parsed) return undefined;
      const numbers = numbersByHash(parsed.data.result);
      const [ofRelease, ofPrevious] = [figuresOf([release], numbers), figuresOf(previous, numbers)];
      return { at: now(), ...(ofRelease && { release: ofRelease }), ...(ofPrevious && { previous: ofPrevious }) };
    },
    answers: async () => (await ask('vector(1)')) !== undefined,
    problem: () => problem,
  };
}

const NO_ANSWER = 'Prometheus answered with something else than the result of a query';

/**
 * What was recorded lately, by the clock of Prometheus. A range of time, because an instant would be given what was
 * recorded up to 5 minutes before as if it were new.
 */
function lastValues(namespace: string, hashes: readonly string[], freshFor: number): string {
  const names = `=~${Object.values(SERIES).join('|')}`;
  return `${matchersText({ __name__: names, namespace, pod_template_hash: `=~${hashes.join('|')}` })}[${freshFor}ms]`;
}

/** The last value of each series. What is no number (a share of nothing) is left out. */
function numbersByHash(result: z.output<typeof answer>['data']['result']): ReadonlyMap<string, Numbers> {
  const byHash = new Map<string, Numbers>();
  for (const { metric, values = [] } of result) {
    const { __name__: name, pod_template_hash: hash = '' } = metric;
    const key = (Object.keys(SERIES) as (keyof typeof SERIES)[]).find((each) => SERIES[each] === name);
    const last = Number(values.at(-1)?.[1] ?? Number.NaN);
    if (key && Number.isFinite(last)) byHash.set(hash, { ...byHash.get(hash), [key]: last });
  }
  return byHash;
}

/**
 * The figures of some hashes together, each share with the weight of what it is a share of. Undefined where none has
 * any: a share that is not known of requests that there were is not taken for none.
 */
function figuresOf(hashes: readonly string[], numbers: ReadonlyMap<string, Numbers>): Figures | undefined {
  const known = hashes.flatMap((hash) => {
    const { requests, failed, timed = 0, fast } = numbers.get(hash) ?? {};
    if (requests === undefined || (requests > 0 && failed === undefined) || (timed > 0 && fast === undefined))
      return [];
    return [{ requests, failed: requests * (failed ?? 0), timed, fast: timed * (fast ?? 1) }];
  });
  if (known.length === 0) return undefined;
  const total = (key: 'requests' | 'failed' | 'timed' | 'fast'): number =>
    known.reduce((sum, each) => sum + each[key], 0);
  const [requests, timed] = [total('requests'), total('timed')];
  return {
    requests,
    failed: requests === 0 ? 0 : total('failed') / requests,
    timed,
    fast: timed === 0 ? 1 : total('fast') / timed,
  };
}
