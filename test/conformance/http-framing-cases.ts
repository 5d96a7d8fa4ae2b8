/** Bytes that a client may send, and what must come of them. */
export type FramingCase = {
  readonly title: string;
  /** Sent one after the other. */
  readonly bytes: string | readonly string[];
  readonly statuses: readonly number[];
  /** Whether the connection must be closed: its framing is in doubt. */
  readonly closed: boolean;
  /** Requests that may reach what stands behind the gateway. */
  readonly forwarded: number;
};

const GET = 'GET /anything HTTP/1.1\r\nhost: a.test\r\n\r\n';

const request = (line: string, ...headers: string[]): string =>
  `${line}\r\nhost: a.test\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;

const post = (headers: string[], body: string): string => request('POST /anything HTTP/1.1', ...headers) + body;

/** Every way of framing and naming that a gateway in front of others must not pass on, beside those that it must. */
export const FRAMING_CASES: readonly FramingCase[] = [
  { title: 'a plain request', bytes: GET, statuses: [200], closed: false, forwarded: 1 },
  {
    title: 'two requests at once, answered in order',
    bytes: GET + GET,
    statuses: [200, 200],
    closed: false,
    forwarded: 2,
  },
  {
    title: 'ten requests at once',
    bytes: GET.repeat(10),
    statuses: Array.from({ length: 10 }, () => 200),
    closed: false,
    forwarded: 10,
  },
  { title: 'a request byte by byte', bytes: GET.split(''), statuses: [200], closed: false, forwarded: 1 },
  {
    title: 'a body with a length',
    bytes: post(['content-length: 5'], 'hello'),
    statuses: [200],
    closed: false,
    forwarded: 1,
  },
  {
    title: 'a chunked body',
    bytes: post(['transfer-encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'),
    statuses: [200],
    closed: false,
    forwarded: 1,
  },
  {
    title: 'a chunked body with an extension and a trailer',
    bytes: post(['transfer-encoding: chunked'], '5;a=b\r\nhello\r\n0\r\nx-t: 1\r\n\r\n'),
    statuses: [200],
    closed: false,
    forwarded: 1,
  },
  {
    title: 'a client that asks for the end of the connection',
    bytes: request('GET /anything HTTP/1.1', 'connection: close'),
    statuses: [200],
    closed: true,
    forwarded: 1,
  },
  {
    title: 'HTTP/1.0 without a host',
    bytes: 'GET /anything HTTP/1.0\r\n\r\n',
    statuses: [200],
    closed: true,
    forwarded: 1,
  },
  {
    title: 'an expectation that can be met',
    bytes: [request('POST /anything HTTP/1.1', 'expect: 100-continue', 'content-length: 2'), 'hi'],
    statuses: [100, 200],
    closed: false,
    forwarded: 1,
  },
  {
    title: 'an expectation that cannot be met',
    bytes: request('GET /anything HTTP/1.1', 'expect: miracles'),
    statuses: [417],
    closed: true,
    forwarded: 0,
  },
  {
    title: 'an upgrade, which is answered without one',
    bytes: request('GET /anything HTTP/1.1', 'connection: upgrade', 'upgrade: websocket'),
    statuses: [200],
    closed: false,
    forwarded: 1,
  },
  { title: 'no host', bytes: 'GET /anything HTTP/1.1\r\n\r\n', statuses: [400], closed: true, forwarded: 0 },
  ...(
    [
      ['two hosts', request('GET /anything HTTP/1.1', 'host: b.test')],
      ['a host with a path', 'GET /anything HTTP/1.1\r\nhost: a.test/x\r\n\r\n'],
      ['a host with a user', 'GET /anything HTTP/1.1\r\nhost: u@a.test\r\n\r\n'],
      ['a target in absolute form', request('GET http://b.test/anything HTTP/1.1')],
      ['a target in authority form', request('GET b.test:80 HTTP/1.1')],
      ['an asterisk as target', request('OPTIONS * HTTP/1.1')],
      ['an encoded NUL in the path', request('GET /a%00b HTTP/1.1')],
      ['an encoded slash in the path', request('GET /a%2Fb HTTP/1.1')],
      ['an encoded backslash in the path', request('GET /a%5cb HTTP/1.1')],
      ['a backslash in the path', request('GET /a\\b HTTP/1.1')],
      ['segments of dots', request('GET /a/../b HTTP/1.1')],
      ['encoded segments of dots', request('GET /a/%2E%2e/b HTTP/1.1')],
      ['a broken escape', request('GET /a%zz HTTP/1.1')],
    ] as const
  ).map(([title, bytes]) => ({ title, bytes, statuses: [400], closed: false, forwarded: 0 })),
  ...(
    [
      ['a length and a transfer coding', post(['content-length: 6', 'transfer-encoding: chunked'], '0\r\n\r\nX')],
      ['a transfer coding and a length', post(['transfer-encoding: chunked', 'content-length: 6'], '0\r\n\r\nX')],
      ['two lengths that differ', post(['content-length: 1', 'content-length: 2'], 'ab')],
      ['two lengths that are the same', post(['content-length: 2', 'content-length: 2'], 'ab')],
      ['a list of lengths', post(['content-length: 2, 2'], 'ab')],
      ['a length with a sign', post(['content-length: +2'], 'ab')],
      ['a negative length', post(['content-length: -2'], 'ab')],
      ['a length in hexadecimal', post(['content-length: 0x2'], 'ab')],
      ['a length that overflows', post(['content-length: 99999999999999999999'], 'ab')],
      ['a transfer coding that is not known', post(['transfer-encoding: gzip'], 'ab')],
      ['chunked that is not last', post(['transfer-encoding: chunked, gzip'], '0\r\n\r\n')],
      ['chunked twice', post(['transfer-encoding: chunked', 'transfer-encoding: chunked'], '0\r\n\r\n')],
      ['chunked behind a vertical tab', post(['transfer-encoding: \x0bchunked'], '0\r\n\r\n')],
      ['a space before the colon', request('GET /anything HTTP/1.1', 'x-a : b')],
      ['a folded header', request('GET /anything HTTP/1.1', 'x-a: b\r\n folded')],
      ['a header without a name', request('GET /anything HTTP/1.1', ': b')],
      ['a header without a colon', request('GET /anything HTTP/1.1', 'x-a')],
      ['a NUL in a header', request('GET /anything HTTP/1.1', 'x-a: b\0c')],
      ['a bare CR in a header', request('GET /anything HTTP/1.1', 'x-a: b\rc')],
      ['a NUL in the target', request('GET /a\0b HTTP/1.1')],
      ['a space in the target', request('GET /a b HTTP/1.1')],
      ['a method that nobody knows', request('FROBNICATE /anything HTTP/1.1')],
      ['a method in lower case', request('get /anything HTTP/1.1')],
      ['another version', request('GET /anything HTTP/3.0')],
      ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
      ['a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ] as const
  ).map(([title, bytes]) => ({ title, bytes, statuses: [400], closed: true, forwarded: 0 })),
  {
    title: 'a tunnel',
    bytes: 'CONNECT a.test:443 HTTP/1.1\r\nhost: a.test\r\n\r\n',
    statuses: [405],
    closed: true,
    forwarded: 0,
  },
  {
    title: 'headers over the bound',
    bytes: request('GET /anything HTTP/1.1', `x-a: ${'b'.repeat(20_000)}`),
    statuses: [431],
    closed: true,
    forwarded: 0,
  },
  {
    title: 'too many headers',
    bytes: request('GET /anything HTTP/1.1', ...Array.from({ length: 3_000 }, (_, index) => `x-${index}: b`)),
    statuses: [431],
    closed: true,
    forwarded: 0,
  },
  {
    title: 'ten megabytes of query',
    bytes: request(`GET /anything?${'q'.repeat(10 * 2 ** 20)} HTTP/1.1`),
    statuses: [431],
    closed: true,
    forwarded: 0,
  },
];

/** Bodies that break after their head was read: the origin may have seen the head, and never a whole request. */
export const BROKEN_BODIES: readonly { readonly title: string; readonly bytes: string }[] = [
  { title: 'a chunk size that is no number', bytes: post(['transfer-encoding: chunked'], 'zz\r\nhello\r\n0\r\n\r\n') },
  { title: 'a negative chunk size', bytes: post(['transfer-encoding: chunked'], '-1\r\nhello\r\n0\r\n\r\n') },
  { title: 'a chunk size that overflows', bytes: post(['transfer-encoding: chunked'], 'fffffffffffffffff\r\nh\r\n') },
  { title: 'a chunk longer than it says', bytes: post(['transfer-encoding: chunked'], '2\r\nhello\r\n0\r\n\r\n') },
  {
    title: 'a chunk that ends in a bare newline',
    bytes: post(['transfer-encoding: chunked'], '5\r\nhello\n0\r\n\r\n'),
  },
];
