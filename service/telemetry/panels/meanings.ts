/** What a line stands for, by which it has its colour. `aside` is what is neither good nor bad, and seldom looked at. */
export type Meaning = 'good' | 'bad' | 'strained' | 'aside' | 'first' | 'second' | 'third';

/**
 * What the values of labels stand for: the same thing has the same colour on every panel, in Grafana and on the live
 * page. A label or value that is not here stands for no more than its name.
 */
export const LABEL_MEANINGS: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  status_class: { '1xx': 'aside', '2xx': 'good', '3xx': 'first', '4xx': 'strained', '5xx': 'bad' },
  lane: { critical: 'first', background: 'second' },
  result: {
    hit: 'good',
    stale: 'strained',
    miss: 'first',
    bypass: 'aside',
    error: 'bad',
    ok: 'good',
    accepted: 'good',
    duplicate: 'aside',
    busy: 'strained',
    refused: 'bad',
    passed: 'good',
    failed: 'bad',
    aborted: 'strained',
  },
  level: { l1: 'good', l2: 'first' },
  decision: { allowed: 'good', denied: 'strained', unchecked: 'bad', probe: 'aside' },
  outcome: {
    ok: 'good',
    timeout: 'strained',
    error: 'bad',
    refused: 'second',
    aborted: 'aside',
    proven: 'good',
    superseded: 'aside',
    restored: 'first',
    inconclusive: 'strained',
    failed: 'bad',
    'dry-run': 'third',
  },
  state: { closed: 'good', 'half-open': 'strained', open: 'bad' },
  store: { redis: 'first', 'redis-cache': 'second', postgres: 'third', primary: 'aside' },
  token_type: { input: 'first', output: 'second' },
  resource: { requests: 'first', tokens: 'second' },
  export: { exported: 'good', dropped: 'strained', failed: 'bad' },
  severity: { page: 'bad', ticket: 'strained', release: 'second' },
};

/** What the same stands for in the legends that name no label. */
export const LEGEND_MEANINGS: Readonly<Record<string, Meaning>> = {
  '5xx': 'bad',
  hits: 'good',
  alive: 'good',
  ended: 'bad',
  P50: 'aside',
  P95: 'second',
  P99: 'first',
};

/** The labels that a legend names, in its order: of `{{model}} {{token_type}}` both. */
export function labelsIn(legend: string): readonly string[] {
  return [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
}
