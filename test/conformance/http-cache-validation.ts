import { control, date, fetched, kept, type Row } from './http-cache-row.ts';

const MODIFIED = 'Sun, 06 Jan 2030 12:00:00 GMT';
/** Nothing is known any more of what was kept. */
const FORGOTTEN = { sent: { 'if-none-match': undefined } };
const BEFORE = 'Sun, 06 Jan 2030 11:59:59 GMT';

/** Section 4.3: asking whether what is kept is still so, and being asked. */
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
    section: '4.3.2',
    level: 'SHOULD',
    rule: 'answer 304 to a client that has what is kept, by weak comparison, from a list, or for *',
    origin: [control('max-age=60', { etag: '"a"' })],
    steps: [
      fetched(),
      ...['"a"', 'W/"a"', '"x", "y,z" ,"a"', '*'].map((tags) =>
        kept(1, {
          headers: { 'if-none-match': tags },
          status: 304,
          body: '',
          expect: { etag: '"a"', 'x-cache': 'HIT' },
        }),
      ),
      ...['"b"', '"A"', 'W/"b"', '"a', ''].map((tags) => kept(1, { headers: { 'if-none-match': tags } })),
    ],
  },
  {
    section: '4.3.2',
    level: 'SHOULD',
    rule: 'answer 304 to a client whose date is not before Last-Modified',
    origin: [control('max-age=60', { 'last-modified': MODIFIED })],
    steps: [
      fetched(),
      kept(1, { headers: { 'if-modified-since': MODIFIED }, status: 304, body: '' }),
      kept(1, { headers: { 'if-modified-since': BEFORE } }),
      kept(1, { headers: { 'if-modified-since': 'yesterday' } }),
    ],
  },
  {
    section: '4.3.2',
    level: 'SHOULD',
    rule: 'hold the client’s date against Date, or the time of arrival, where there is no Last-Modified',
    origin: [control('max-age=60'), control('max-age=60', { date: '' })],
    steps: [
      fetched(),
      fetched({ path: '/b' }),
      ...['/a', '/b'].flatMap((path, index) => [
        kept(index + 1, {
          path,
          headers: { 'if-modified-since': 'Mon, 07 Jan 2030 12:00:00 GMT' },
          status: 304,
          body: '',
        }),
        kept(index + 1, { path, headers: { 'if-modified-since': 'Mon, 07 Jan 2030 11:59:59 GMT' } }),
      ]),
    ],
  },
  {
    section: '4.3.2',
    level: 'MUST',
    rule: 'let If-None-Match decide alone where it is present',
    origin: [control('max-age=60', { etag: '"a"', 'last-modified': MODIFIED })],
    steps: [
      fetched(),
      kept(1, { headers: { 'if-none-match': '"b"', 'if-modified-since': MODIFIED } }),
      kept(1, { headers: { 'if-none-match': '"a"', 'if-modified-since': BEFORE }, status: 304, body: '' }),
    ],
  },
  {
    section: '4.3.2',
    level: 'MUST NOT',
    rule: 'decide If-Match and If-Unmodified-Since, which are the origin’s',
    origin: [control('max-age=60', { etag: '"a"' }), { status: 412 }],
    steps: [
      fetched(),
      fetched({ headers: { 'if-match': '"b"' }, sent: { 'if-match': '"b"' }, status: 412 }),
      fetched({ headers: { 'if-unmodified-since': BEFORE }, sent: { 'if-unmodified-since': BEFORE }, status: 412 }),
      kept(1),
    ],
  },
  {
    section: '4.3.2',
    level: 'MUST NOT',
    rule: 'decide conditions on what it has no answer for',
    origin: [{ status: 304, headers: { etag: '"a"' } }],
    steps: [
      fetched({
        headers: { 'if-none-match': '"a"', 'if-modified-since': MODIFIED },
        sent: { 'if-none-match': '"a"', 'if-modified-since': MODIFIED },
        status: 304,
      }),
    ],
  },
  {
    section: '4.3.2',
    level: 'MUST',
    rule: 'give the whole kept answer when the origin’s 304 is about it and not about what the client has',
    origin: [control('max-age=5', { etag: '"a"' }), { status: 304, headers: { etag: '"a"', 'x-new': '1' } }],
    steps: [
      fetched(),
      fetched({ at: 6, headers: { 'if-none-match': '"b"' }, status: 200, body: 'answer 1', expect: { 'x-new': '1' } }),
    ],
  },
  {
    section: '4.3.2',
    level: 'ought',
    rule: 'pass a 304 on to a client that has the same as was validated',
    origin: [control('max-age=5', { etag: '"a"' }), { status: 304, headers: { etag: '"a"' } }],
    steps: [
      fetched(),
      fetched({ at: 6, headers: { 'if-none-match': '"a"' }, status: 304, body: '', until: 'refreshed' }),
      kept(1),
    ],
  },
  {
    section: 'RFC 9110 15.4.5',
    level: 'MUST',
    rule: 'send with a 304 what a 200 would have had of Cache-Control, Content-Location, Date, ETag, Expires and Vary',
    origin: [
      control('max-age=60', {
        etag: '"a"',
        'content-location': '/a.en',
        vary: 'accept-language',
        expires: date(60),
        'access-control-allow-origin': '*',
      }),
    ],
    steps: [
      fetched(),
      kept(1, {
        headers: { 'if-none-match': '"a"' },
        status: 304,
        body: '',
        expect: {
          'cache-control': 'max-age=60',
          'content-location': '/a.en',
          date: 'Mon, 07 Jan 2030 12:00:00 GMT',
          etag: '"a"',
          expires: 'Mon, 07 Jan 2030 12:01:00 GMT',
          vary: 'accept-language',
          age: '0',
          'access-control-allow-origin': '*',
        },
      }),
    ],
  },
  {
    section: 'RFC 9110 15.4.5',
    level: 'SHOULD NOT',
    rule: 'send other fields of the body with a 304, except Last-Modified where there is no entity tag',
    origin: [
      control('max-age=60', { etag: '"a"', 'content-type': 'text/x', 'last-modified': MODIFIED }),
      control('max-age=60', { 'last-modified': MODIFIED }),
    ],
    steps: [
      fetched(),
      kept(1, {
        headers: { 'if-none-match': '"a"' },
        status: 304,
        body: '',
        expect: { 'content-type': undefined, 'content-length': undefined, 'last-modified': undefined },
      }),
      fetched({ path: '/b' }),
      kept(2, {
        path: '/b',
        headers: { 'if-modified-since': MODIFIED },
        status: 304,
        body: '',
        expect: { 'last-modified': MODIFIED },
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
