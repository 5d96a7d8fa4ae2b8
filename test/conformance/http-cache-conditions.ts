import { control, date, fetched, kept, type Row } from './http-cache-row.ts';

const MODIFIED = 'Sun, 06 Jan 2030 12:00:00 GMT';
const BEFORE = 'Sun, 06 Jan 2030 11:59:59 GMT';

/** Section 4.3.2, and RFC 9110 on 304: being asked whether what a client has is still so. */
export const CONDITION_ROWS: readonly Row[] = [
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
];
