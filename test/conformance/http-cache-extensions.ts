import { control, fetched, kept, type Row } from './http-cache-row.ts';

/** stale-while-revalidate and stale-if-error (RFC 5861), immutable (RFC 8246), Cache-Status (RFC 9211). */
export const EXTENSION_ROWS: readonly Row[] = [
  {
    section: 'RFC 5861 3',
    level: 'MAY',
    rule: 'give what is stale within stale-while-revalidate at once',
    origin: [control('max-age=5, stale-while-revalidate=30', { etag: '"a"' })],
    steps: [
      fetched(),
      fetched({
        at: 34,
        body: 'answer 1',
        expect: { 'x-cache': 'STALE', age: '34', 'cache-status': 'sluice; hit; ttl=-29' },
        until: 'stored',
      }),
      kept(2),
    ],
  },
  {
    section: 'RFC 5861 3',
    level: 'SHOULD',
    rule: 'ask the origin meanwhile, with its own conditions and not the client’s',
    origin: [
      control('max-age=5, stale-while-revalidate=30', { etag: '"a"' }),
      { status: 304, headers: { etag: '"a"' } },
    ],
    steps: [
      fetched(),
      fetched({
        at: 6,
        headers: { 'if-none-match': '"a"', 'if-modified-since': 'Mon, 07 Jan 2030 12:00:00 GMT' },
        status: 304,
        sent: { 'if-none-match': '"a"', 'if-modified-since': undefined },
        until: 'refreshed',
      }),
      kept(1, { expect: { age: '0' } }),
    ],
  },
  {
    section: 'RFC 5861 3',
    level: 'SHOULD',
    rule: 'ask the origin for the whole meanwhile where nothing kept could be validated',
    origin: [control('max-age=5, stale-while-revalidate=30')],
    steps: [
      fetched(),
      fetched({
        at: 6,
        headers: { 'if-none-match': '"a"' },
        body: 'answer 1',
        sent: { 'if-none-match': undefined },
        until: 'stored',
      }),
      kept(2),
    ],
  },
  {
    section: 'RFC 5861 3',
    level: 'MUST NOT',
    rule: 'give it after that time, nor longer than the cache’s own bound',
    origin: [
      control('max-age=5, stale-while-revalidate=10'),
      control('max-age=5, stale-while-revalidate=600', { etag: '"a"' }),
    ],
    steps: [
      fetched(),
      fetched({ at: 15, expect: { 'x-cache': 'MISS' } }),
      fetched({ at: 81, expect: { 'x-cache': 'MISS' } }),
    ],
  },
  {
    section: 'RFC 5861 3',
    level: 'ought',
    rule: 'go on giving it when the origin fails meanwhile',
    origin: [control('max-age=5, stale-while-revalidate=30', { etag: '"a"' }), { broken: 'head' }],
    steps: [fetched(), fetched({ at: 6, body: 'answer 1' }), fetched({ at: 7, body: 'answer 1' })],
  },
  ...[500, 502, 503, 504].map((status): Row => ({
    section: 'RFC 5861 4',
    level: 'MAY',
    rule: `give what is stale within stale-if-error when the origin answers ${status}`,
    origin: [control('max-age=5, stale-if-error=30', { etag: '"a"' }), { status }],
    steps: [
      fetched(),
      fetched({
        at: 34,
        body: 'answer 1',
        expect: { 'x-cache': 'STALE', age: '34', 'cache-status': `sluice; fwd=stale; fwd-status=${status}` },
      }),
      fetched({ at: 35, status }),
    ],
  })),
  {
    section: 'RFC 5861 4',
    level: 'MAY',
    rule: 'give it when the origin cannot be reached, for HEAD too',
    origin: [control('max-age=5, stale-if-error=30'), { broken: 'head' }],
    steps: [
      fetched(),
      fetched({ at: 6, body: 'answer 1', expect: { 'cache-status': 'sluice; fwd=stale', 'x-cache': 'STALE' } }),
      fetched({ at: 7, method: 'HEAD', body: '', expect: { 'content-length': '8' } }),
    ],
  },
  ...[404, 429, 501].map((status): Row => ({
    section: 'RFC 5861 4',
    level: 'ought',
    rule: `not take ${status} for such a failure`,
    origin: [control('max-age=5, stale-if-error=30', { etag: '"a"' }), { status }],
    steps: [fetched(), fetched({ at: 6, status })],
  })),
  {
    section: 'RFC 5861 4',
    level: 'MAY',
    rule: 'honour a client’s stale-if-error, when that is switched on',
    cache: { clientDirectives: 'all' },
    origin: [control('max-age=5', { etag: '"a"' }), { status: 503 }],
    steps: [
      fetched(),
      fetched({ at: 6, status: 503 }),
      fetched({ headers: { 'cache-control': 'stale-if-error=30' }, body: 'answer 1' }),
    ],
  },
  {
    section: 'RFC 8246 2',
    level: 'SHOULD',
    rule: 'not validate what is immutable and fresh for a mere reload, but for no-cache, and when it is stale',
    cache: { clientDirectives: 'all' },
    origin: [control('max-age=60, immutable', { etag: '"a"' })],
    steps: [
      fetched(),
      kept(1, { at: 10, headers: { 'cache-control': 'max-age=0' } }),
      fetched({ headers: { 'cache-control': 'no-cache' } }),
      fetched({ at: 71, headers: { 'cache-control': 'max-age=0' } }),
    ],
  },
  {
    section: 'RFC 9211 2',
    level: 'SHOULD',
    rule: 'keep what other caches said, in the order of the way from the origin',
    origin: [control('max-age=60', { 'cache-status': ['Deep; hit', 'Near; fwd=miss'] })],
    steps: [
      fetched({ expect: { 'cache-status': 'Deep; hit, Near; fwd=miss, sluice; fwd=uri-miss; stored' } }),
      kept(1, { expect: { 'cache-status': 'Deep; hit, Near; fwd=miss, sluice; hit; ttl=60' } }),
    ],
  },
  {
    section: 'RFC 9211 2',
    level: 'SHOULD NOT',
    rule: 'say anything of answers that the gateway made itself, except from what is kept',
    origin: [{ broken: 'head' }, control('max-age=60', { etag: '"a"' })],
    steps: [
      fetched({ status: 502, expect: { 'cache-status': undefined } }),
      fetched(),
      kept(2, { headers: { 'if-none-match': '*' }, status: 304, body: '', expect: { 'cache-status': /^sluice; hit/ } }),
    ],
  },
  {
    section: 'RFC 9211 2.1',
    level: 'SHOULD',
    rule: 'say either hit or fwd',
    origin: [control('max-age=60')],
    steps: [
      fetched({ expect: { 'cache-status': /^(?!.*hit)/ } }),
      kept(1, { expect: { 'cache-status': /^(?!.*fwd)/ } }),
    ],
  },
  {
    section: 'RFC 9211 2.2',
    level: 'SHOULD',
    rule: 'give the most specific reason for asking the origin',
    origin: [control('max-age=5', { vary: 'x-n', etag: '"a"' })],
    steps: [
      fetched({ expect: { 'cache-status': 'sluice; fwd=uri-miss; stored' } }),
      fetched({ headers: { 'x-n': '1' }, expect: { 'cache-status': 'sluice; fwd=vary-miss; stored' } }),
      fetched({ at: 6, expect: { 'cache-status': 'sluice; fwd=stale; stored' } }),
      fetched({ method: 'POST', expect: { 'cache-status': 'sluice; fwd=method', 'x-cache': 'BYPASS' } }),
      fetched({
        headers: { range: 'bytes=0-' },
        expect: { 'cache-status': 'sluice; fwd=bypass', 'x-cache': 'BYPASS' },
      }),
    ],
  },
  {
    section: 'RFC 9211 2.3',
    level: 'ought',
    rule: 'tell the origin’s status where the client gets another',
    origin: [control('max-age=5', { etag: '"a"' }), { status: 304, headers: { etag: '"a"' } }],
    steps: [
      fetched(),
      fetched({ at: 6, body: 'answer 1', expect: { 'cache-status': /fwd=stale; fwd-status=304; stored/ } }),
    ],
  },
  {
    section: 'RFC 9211 2.4',
    level: 'ought',
    rule: 'tell the seconds of freshness that are left, fewer than none for what is stale',
    origin: [control('max-age=10, stale-while-revalidate=30'), { broken: 'head' }],
    steps: [
      fetched(),
      kept(1, { at: 4, expect: { 'cache-status': 'sluice; hit; ttl=6' } }),
      fetched({ at: 15, body: 'answer 1', expect: { 'cache-status': 'sluice; hit; ttl=-5' } }),
    ],
  },
  {
    section: 'RFC 9211 2.5',
    level: 'ought',
    rule: 'say stored only of what is going to be kept',
    origin: [control('no-store'), control('max-age=60')],
    steps: [
      fetched({ expect: { 'cache-status': 'sluice; fwd=uri-miss', 'x-cache': 'MISS' } }),
      fetched({ expect: { 'cache-status': 'sluice; fwd=uri-miss; stored', 'x-cache': 'MISS' } }),
    ],
  },
];
