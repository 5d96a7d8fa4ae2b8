import { control, date, fetched, kept, pair, type OriginAnswer, type Row } from './http-cache-row.ts';

const AUTHORIZED = { authorization: 'Basic YTpi' };

const notKept = (section: string, rule: string, answer: OriginAnswer): Row => ({
  section,
  level: 'MUST NOT',
  rule,
  origin: [answer],
  steps: [
    fetched(answer.status === undefined ? {} : { status: answer.status }),
    fetched(answer.status === undefined ? {} : { status: answer.status }),
  ],
});

/** Section 3: what may be kept, and which part of it. */
export const STORING_ROWS: readonly Row[] = [
  {
    section: '3',
    level: 'MUST NOT',
    rule: 'keep an answer to a method that it does not understand',
    origin: [control('max-age=60')],
    steps: [fetched({ method: 'OPTIONS' }), fetched({ method: 'OPTIONS' }), fetched({ method: 'POST' }), fetched()],
  },
  notKept('3', 'keep a 206, even one that nobody asked for', {
    status: 206,
    headers: { 'cache-control': 'max-age=60', 'content-range': 'bytes 0-7/8' },
  }),
  {
    section: '3',
    level: 'MUST NOT',
    rule: 'keep a 304 as if it were an answer of its own',
    origin: [{ status: 304, headers: { 'cache-control': 'max-age=60', etag: '"a"' } }, control('max-age=60')],
    steps: [fetched({ headers: { 'if-none-match': '"a"' }, status: 304 }), fetched()],
  },
  ...[201, 202, 301, 404, 410, 500].map((status) =>
    notKept('3', `keep a ${status}: only whole 200, 203 and 204 answers are understood`, {
      status,
      headers: { 'cache-control': 'max-age=60' },
    }),
  ),
  {
    section: '3',
    level: 'MAY',
    rule: 'keep a 203 and a 204 that have a time',
    origin: [
      { status: 204, headers: { 'cache-control': 'max-age=60' } },
      { status: 203, headers: { 'cache-control': 'max-age=60' } },
    ],
    steps: [
      fetched({ status: 204 }),
      { asked: 0, status: 204, body: '', expect: { 'content-length': undefined, 'x-cache': 'HIT' } },
      fetched({ path: '/b', status: 203 }),
      kept(2, { path: '/b', status: 203 }),
    ],
  },
  notKept('3', 'keep what says no-store', control('max-age=60, no-store')),
  notKept('3', 'keep what says private, being shared', control('max-age=60, private')),
  notKept('3', 'keep what names neither a time nor public, and has no validator', {}),
  {
    section: '3',
    level: 'MUST NOT',
    rule: 'keep an answer to a request with Authorization that has only a max-age',
    origin: [control('max-age=60')],
    steps: [fetched({ headers: AUTHORIZED }), fetched({ headers: AUTHORIZED }), fetched()],
  },
  { section: '3', level: 'MAY', rule: 'keep what has a max-age', ...pair('kept', control('max-age=60')) },
  { section: '3', level: 'MAY', rule: 'keep what has an s-maxage', ...pair('kept', control('s-maxage=60')) },
  { section: '3', level: 'MAY', rule: 'keep what has Expires', ...pair('kept', { headers: { expires: date(60) } }) },
  {
    section: '3',
    level: 'MAY',
    rule: 'keep what is public, and validate it when it says no time',
    origin: [control('public', { etag: '"a"' }), { status: 304, headers: { etag: '"a"' } }],
    steps: [fetched(), fetched({ body: 'answer 1' })],
  },
  {
    section: '3.1',
    level: 'MUST',
    rule: 'keep all fields, unknown ones and several lines of one name too',
    ...{ origin: [control('max-age=60', { 'x-unheard-of': 'a b', link: ['<a>', '<b>'], 'content-type': 'text/x' })] },
    steps: [
      fetched(),
      kept(1, { expect: { 'x-unheard-of': 'a b', link: '<a>, <b>', 'content-type': 'text/x', date: /2030/ } }),
    ],
  },
  {
    section: '3.1',
    level: 'MUST NOT',
    rule: 'keep fields of one connection, nor those that Connection names',
    origin: [control('max-age=60', { connection: 'x-hop', 'x-hop': '1', 'keep-alive': 'timeout=5', 'x-stay': '1' })],
    steps: [fetched(), kept(1, { expect: { 'x-hop': undefined, 'x-stay': '1' } })],
  },
  {
    section: '3.1',
    level: 'MUST NOT',
    rule: 'keep fields of the proxy that it uses',
    origin: [control('max-age=60', { 'proxy-authenticate': 'Basic', 'proxy-authentication-info': 'x' })],
    steps: [
      fetched(),
      kept(1, { expect: { 'proxy-authenticate': undefined, 'proxy-authentication-info': undefined } }),
    ],
  },
  {
    section: '3.1',
    level: 'MUST NOT',
    rule: 'make trailer fields header fields',
    origin: [{ ...control('max-age=60', { trailer: 'x-after' }), chunked: true, trailers: { 'x-after': '1' } }],
    steps: [fetched(), kept(1, { expect: { 'x-after': undefined } })],
  },
  {
    section: '3.2',
    level: 'MUST',
    rule: 'replace kept fields by those of the newer answer, all lines of a name, and keep the others',
    origin: [
      control('max-age=1', { etag: '"a"', 'x-old': 'old', 'x-stays': 'stays', link: ['<a>', '<b>'] }),
      {
        status: 304,
        headers: { 'cache-control': 'max-age=60', etag: '"a"', 'x-old': 'new', 'x-new': '1', link: '<c>' },
      },
    ],
    steps: [
      fetched(),
      fetched({ at: 5, body: 'answer 1', until: 'refreshed' }),
      kept(1, { expect: { 'x-old': 'new', 'x-new': '1', 'x-stays': 'stays', link: '<c>' } }),
    ],
  },
  {
    section: '3.2',
    level: 'MUST NOT',
    rule: 'take Content-Length and Content-Range from an answer without the body',
    origin: [
      control('max-age=1', { etag: '"a"' }),
      { status: 304, headers: { 'cache-control': 'max-age=60', etag: '"a"', 'content-range': 'bytes 0-1/2' } },
    ],
    steps: [
      fetched(),
      fetched({ at: 5, body: 'answer 1', expect: { 'content-length': '8', 'content-range': undefined } }),
    ],
  },
  {
    section: '3.3',
    level: 'MUST NOT',
    rule: 'keep what broke off, when it supports no ranges',
    origin: [{ ...control('max-age=60'), broken: 'body' }, control('max-age=60')],
    steps: [fetched({ cut: true }), fetched(), kept(2)],
  },
  {
    section: '3.3',
    level: 'MUST NOT',
    rule: 'keep what broke off without a length',
    origin: [{ ...control('max-age=60'), broken: 'body', chunked: true }, control('max-age=60')],
    steps: [fetched({ cut: true }), fetched(), kept(2)],
  },
  {
    section: '3.3',
    level: 'MUST NOT',
    rule: 'give a part to whom asked for the whole, nor keep it',
    origin: [
      { status: 206, body: 'an', headers: { 'cache-control': 'max-age=60', 'content-range': 'bytes 0-1/8' } },
      control('max-age=60'),
    ],
    steps: [
      fetched({ headers: { range: 'bytes=0-1' }, status: 206, body: 'an', expect: { 'x-cache': 'BYPASS' } }),
      fetched(),
      kept(2),
      fetched({ headers: { range: 'bytes=0-1' }, sent: { range: 'bytes=0-1' } }),
    ],
  },
  ...(['public', 's-maxage=60', 'must-revalidate, max-age=60'] as const).map((directives): Row => ({
    section: '3.5',
    level: 'MAY',
    rule: `give others an answer to a request with Authorization that says ${directives}`,
    origin: [control(directives, { expires: date(60) })],
    steps: [fetched({ headers: AUTHORIZED }), kept(1), kept(1, { headers: { authorization: 'Basic Yzpk' } })],
  })),
  {
    section: '3.5',
    level: 'MUST',
    rule: 'keep to the directive that allowed it: with must-revalidate, nothing stale',
    origin: [control('must-revalidate, max-age=5, stale-if-error=60', { etag: '"a"' }), { status: 503 }],
    steps: [fetched({ headers: AUTHORIZED }), kept(1), fetched({ at: 6, status: 503 })],
  },
  {
    section: '3.5',
    level: 'ought',
    rule: 'ask the origin for whoever has credentials, unless what is kept is declared to be for all',
    origin: [control('max-age=60')],
    steps: [fetched(), fetched({ headers: AUTHORIZED, expect: { 'cache-status': 'sluice; fwd=request' } }), kept(1)],
  },
  {
    section: '7.3',
    level: 'ought',
    rule: 'keep an answer that sets a cookie only when it is declared to be for all',
    origin: [
      control('max-age=60', { 'set-cookie': 'a=1' }),
      control('max-age=60, public', { 'set-cookie': ['a=1', 'b=2'] }),
      control('s-maxage=60', { 'set-cookie': 'a=1' }),
      control('max-age=60, no-cache="set-cookie"', { 'set-cookie': 'a=1' }),
    ],
    steps: [
      fetched(),
      fetched(),
      kept(2, { expect: { 'set-cookie': 'a=1, b=2' } }),
      fetched({ path: '/b' }),
      kept(3, { path: '/b' }),
      fetched({ path: '/c', expect: { 'set-cookie': 'a=1' } }),
      kept(4, { path: '/c', expect: { 'set-cookie': undefined } }),
    ],
  },
  {
    section: '7.3',
    level: 'ought',
    rule: 'keep nothing for all that names no time and was fetched with a cookie, nor give such a thing to whoever has one',
    origin: [control('no-cache', { etag: '"a"' })],
    steps: [
      fetched({ headers: { cookie: 'a=1' } }),
      fetched({ sent: { 'if-none-match': undefined } }),
      fetched({ headers: { cookie: 'a=1' }, sent: { 'if-none-match': undefined } }),
      fetched({ sent: { 'if-none-match': '"a"' } }),
    ],
  },
];
