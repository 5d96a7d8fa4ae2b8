import { control, fetched, kept, type Row } from './http-cache-row.ts';

const MODIFIED = 'Sun, 06 Jan 2030 12:00:00 GMT';
/** Nothing is known any more of what was kept. */
const FORGOTTEN = { sent: { 'if-none-match': undefined } };
const BEFORE = 'Sun, 06 Jan 2030 11:59:59 GMT';

/** Section 4.3, but for 4.3.2: asking whether what is kept is still so. */
export const VALIDATION_ROWS: readonly Row[] = [
  {
    section: '4.3.1',
    level: 'MUST',
    rule: 'send the entity tag of what it validates, as it came',
    origin: [control('max-age=5', { etag: 'W/"a, b"' }), { status: 304, headers: { etag: 'W/"a, b"' } }],
    steps: [fetched(), fetched({ at: 6, body: 'answer 1', sent: { 'if-none-match': 'W/"a, b"' } })],
  },
  {
    section: '4.3.1',
    level: 'SHOULD',
    rule: 'send Last-Modified too, beside an entity tag or alone',
    origin: [
      control('max-age=5', { 'last-modified': MODIFIED, etag: '"a"' }),
      control('max-age=5', { 'last-modified': MODIFIED }),
      { status: 304 },
    ],
    steps: [
      fetched(),
      fetched({ at: 6, sent: { 'if-modified-since': MODIFIED, 'if-none-match': '"a"' } }),
      fetched({ at: 12, body: 'answer 2', sent: { 'if-modified-since': MODIFIED, 'if-none-match': undefined } }),
    ],
  },
  {
    section: '4.3.1',
    level: 'ought',
    rule: 'put its own conditions in the place of the client’s when it validates',
    origin: [control('max-age=5', { etag: '"a"' }), { status: 304, headers: { etag: '"a"' } }],
    steps: [
      fetched(),
      fetched({
        at: 6,
        headers: { 'if-none-match': '"b"', 'if-modified-since': MODIFIED },
        sent: { 'if-none-match': '"a"', 'if-modified-since': undefined },
        body: 'answer 1',
      }),
    ],
  },
  {
    section: '4.3.3',
    level: 'MAY',
    rule: 'go on using what a 304 confirms, its time counted anew',
    origin: [control('max-age=10', { etag: '"a"' }), { status: 304, headers: { etag: '"a"' } }],
    steps: [
      fetched(),
      fetched({ at: 11, body: 'answer 1', until: 'refreshed' }),
      kept(1, { at: 20, expect: { age: '9' } }),
      fetched({ at: 21, body: 'answer 1' }),
    ],
  },
  {
    section: '4.3.3',
    level: 'MUST',
    rule: 'answer by the full answer that came instead of a 304, and keep that',
    origin: [control('max-age=10', { etag: '"a"' }), control('max-age=10', { etag: '"b"' })],
    steps: [fetched(), fetched({ at: 11, sent: { 'if-none-match': '"a"' } }), kept(2, { expect: { etag: '"b"' } })],
  },
  {
    section: '4.3.3',
    level: 'ought',
    rule: 'keep nothing any longer that a full answer replaces which may not be kept',
    origin: [control('max-age=10, stale-if-error=60', { etag: '"a"' }), control('no-store'), { status: 503 }],
    steps: [fetched(), fetched({ at: 11 }), fetched({ status: 503, sent: { 'if-none-match': undefined } })],
  },
  {
    section: '4.3.3',
    level: 'MAY',
    rule: 'pass on a 5xx, and validate again at the next request',
    origin: [control('max-age=10', { etag: '"a"' }), { status: 500 }, { status: 304, headers: { etag: '"a"' } }],
    steps: [
      fetched(),
      fetched({ at: 11, status: 500 }),
      fetched({ body: 'answer 1', sent: { 'if-none-match': '"a"' } }),
    ],
  },
  {
    section: '4.3.4',
    level: 'MUST NOT',
    rule: 'update anything by a 304 with a strong validator that nothing kept has',
    origin: [
      control('max-age=5', { etag: '"a"' }),
      { status: 304, headers: { etag: '"b"', 'cache-control': 'max-age=60', 'x-new': '1' } },
      control('max-age=5', { etag: '"b"' }),
    ],
    steps: [fetched(), fetched({ at: 6, asked: 2, body: 'answer 3', sent: { 'if-none-match': undefined } }), kept(3)],
  },
  {
    section: '4.3.4',
    level: 'MUST NOT',
    rule: 'take a weak validator for the strong one of a 304',
    origin: [control('max-age=5', { etag: 'W/"a"' }), { status: 304, headers: { etag: '"a"' } }, control('max-age=5')],
    steps: [fetched(), fetched({ at: 6, asked: 2, body: 'answer 3' })],
  },
  {
    section: '4.3.4',
    level: 'MUST',
    rule: 'update what has the weak validator of a 304',
    origin: [
      control('max-age=5', { etag: '"a"' }),
      { status: 304, headers: { etag: 'W/"a"', 'cache-control': 'max-age=60' } },
    ],
    steps: [fetched(), fetched({ at: 6, body: 'answer 1', until: 'refreshed' }), kept(1, { at: 60 })],
  },
  {
    section: '4.3.4',
    level: 'MUST',
    rule: 'update what was asked about by a 304 without any validator',
    origin: [
      control('max-age=5', { 'last-modified': MODIFIED }),
      { status: 304, headers: { 'cache-control': 'max-age=60', 'x-new': '1' } },
    ],
    steps: [
      fetched(),
      fetched({ at: 6, body: 'answer 1', until: 'refreshed' }),
      kept(1, { at: 60, expect: { 'x-new': '1', 'last-modified': MODIFIED } }),
    ],
  },
  {
    section: '4.3.4',
    level: 'MUST',
    rule: 'update what has no validator by a 304 without one that answers the client’s own condition',
    origin: [control('max-age=5, stale-if-error=60'), { status: 304, headers: { 'cache-control': 'max-age=60' } }],
    steps: [
      fetched(),
      fetched({ at: 6, headers: { 'if-modified-since': BEFORE }, status: 304, until: 'refreshed' }),
      kept(1, { at: 60 }),
    ],
  },
  {
    section: '4.3.4',
    level: 'MUST',
    rule: 'obey what a 304 says of keeping',
    origin: [
      control('max-age=5', { etag: '"a"' }),
      { status: 304, headers: { etag: '"a"', 'cache-control': 'no-store' } },
      {},
    ],
    steps: [fetched(), fetched({ at: 6, body: 'answer 1' }), fetched({ sent: { 'if-none-match': undefined } })],
  },
  {
    section: '4.3.5',
    level: 'SHOULD',
    rule: 'update what an answer to HEAD describes, by its fields',
    origin: [
      control('max-age=5', { etag: '"a"' }),
      { body: 'answer 1', headers: { etag: '"a"', 'cache-control': 'max-age=60', 'x-new': '1' } },
    ],
    steps: [
      fetched(),
      fetched({ at: 6, method: 'HEAD', until: 'refreshed' }),
      kept(1, { at: 60, expect: { 'x-new': '1', 'content-length': '8' } }),
    ],
  },
  {
    section: '4.3.5',
    level: 'SHOULD',
    rule: 'take for stale what an answer to HEAD differs from in its validator or length',
    origin: [
      control('max-age=5', { etag: '"a"' }),
      control('max-age=60', { etag: '"b"' }),
      control('max-age=5', { etag: '"b"' }),
      { headers: { 'cache-control': 'max-age=60', etag: '"b"' }, body: 'longer than it was' },
      {},
    ],
    steps: [
      fetched(),
      fetched({ at: 6, method: 'HEAD' }),
      fetched(FORGOTTEN),
      fetched({ at: 12, method: 'HEAD' }),
      fetched(FORGOTTEN),
    ],
  },
];
