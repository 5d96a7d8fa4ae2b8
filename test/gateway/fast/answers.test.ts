import { describe, expect, test } from '@jest/globals';
import type { TestGateway } from '../../support/gateway.ts';
import { sendRaw } from '../../support/raw.ts';
import { get, PATHS, timeless, usePair, writers } from './pair.ts';

const pair = usePair();

/** What both listeners answer to the same bytes. */
async function both(bytes: string | readonly string[], answers: number) {
  pair.fast.outcomes.length = 0;
  pair.http.outcomes.length = 0;
  const [one, other] = await Promise.all([
    sendRaw(pair.http.port, bytes, answers),
    sendRaw(pair.fast.port, bytes, answers),
  ]);
  const facts = ({ outcomes }: TestGateway) =>
    outcomes.map(({ exchange, status }) => [exchange.requestId, exchange.route.id, exchange.caller, status]);
  return { http: one, fast: other, facts: { http: facts(pair.http), fast: facts(pair.fast) } };
}

const ID = 'X-Request-Id: my-id_1.2';
const path = (q: string): string => `/v1/search?q=${q}`;

describe('the fast listener answers itself, byte for byte as the default one does,', () => {
  test.each([
    ['a kept answer', get(PATHS[0], ID)],
    ['an empty one', get(path('empty'), ID)],
    ['one with letters beyond ASCII', get(path('utf8'), ID)],
    ['one of all bytes', get(path('bytes'), ID)],
    ['an escaped query', get(path('a%20b'), ID)],
    ['a query in another order', get('/v1/search?limit=5&q=a', ID)],
    ['a client that says that it keeps the connection', get(PATHS[0], ID, 'Connection: Keep-Alive')],
    ['a browser', get(PATHS[0], ID, 'User-Agent: x', 'Accept: */*', 'Accept-Encoding: br', 'Sec-Fetch-Mode: cors')],
    ['names and values in odd forms', get(PATHS[0], 'x-REQUEST-id:\tmy-id  ', '!#$%:', 'x:   ', 'y: a:b\t c ')],
    ['a cookie where none counts', get(PATHS[0], ID, 'Cookie: __Host-session=x')],
  ])('%s', async (_, bytes) => {
    const { http: expected, fast: given, facts } = await both(bytes, 1);
    expect(timeless(given.text)).toBe(timeless(expected.text));
    expect(given.text).toContain('\r\nx-cache: HIT\r\n');
    expect(facts.fast).toEqual(facts.http);
    expect([writers(pair.http), writers(pair.fast)]).toEqual([['http'], ['fast']]);
  });

  test('several at once, in order', async () => {
    const bytes = PATHS.filter((each) => !each.includes('large')).map((each, id) => get(each, `X-Request-Id: ${id}`));
    const { http: expected, fast: given } = await both(bytes.join(''), bytes.length);
    expect(timeless(given.text)).toBe(timeless(expected.text));
    expect(writers(pair.fast)).toEqual(bytes.map(() => 'fast'));
  });

  test('an id of its own where the client gives none that can be used', async () => {
    await both(get(PATHS[0], `X-Request-Id: ${'x'.repeat(65)}`) + get(PATHS[0]), 2);
    expect(pair.fast.outcomes.map(({ exchange }) => exchange.requestId)).toEqual([
      expect.stringMatching(/^id-\d+$/),
      expect.stringMatching(/^id-\d+$/),
    ]);
    expect(writers(pair.fast)).toEqual(['fast', 'fast']);
  });
});

describe('the fast listener hands off, and the answer is that of the default one, for', () => {
  const handedOff: [what: string, bytes: string | readonly string[]][] = [
    ...[
      ...['Content-Length: 0', 'Transfer-Encoding: chunked', 'Expect: 100-continue', 'Upgrade: h2c', 'Te: trailers'],
      ...['Connection: close', 'Connection: keep-alive, x', 'Keep-Alive: 5', 'Proxy-Connection: close'],
      ...['Authorization: Bearer good', 'Authorization: x', 'X-Api-Key: slu_x', 'Proxy-Authorization: x'],
      ...['Range: bytes=0-1', 'If-None-Match: "1"', 'If-Modified-Since: x', 'If-Range: x'],
      ...['Cache-Control: no-cache', 'Pragma: no-cache', 'Trailer: x', 'HTTP2-Settings: x', 'Content-Type: x'],
      ...['Host: a.test', 'X-Request-Id: a\r\nX-Request-Id: b', 'X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2'],
      ...['x: \x80', `x: ${'y'.repeat(9_000)}`],
    ].map((header): [string, string] => [
      header.slice(0, 60).replace('\r\n', ' and '),
      get(PATHS[0], header, ...(header.startsWith('X-Request') ? [] : [ID])) +
        (header.includes('chunked') ? '0\r\n\r\n' : ''),
    ]),
    ['a long answer', get(path('large'), ID)],
    ['an answer that is not kept', get(path('new'), ID)],
    ['another route', get('/health', ID)],
    ['no route', get('/nowhere', ID)],
    ['a query that does not fit', get('/v1/search?nonsense=1', ID)],
    ['a path that two readers could understand differently', get('/v1/../v1/search?q=a', ID)],
    ['HEAD', get(PATHS[0], ID).replace('GET', 'HEAD')],
    ['a body', get('/login', ID, 'Content-Length: 2').replace('GET', 'POST') + '{}'],
    ['HTTP/1.0', get(PATHS[0], ID).replace('1.1', '1.0')],
    ['no host', get(PATHS[0], ID).replace('Host: a.test\r\n', '')],
    ['a host in brackets', get(PATHS[0], ID).replace('a.test', '[::1]:80')],
    ['an absolute target', get(PATHS[0], ID).replace(' /', ' http://a.test/')],
    ['a target of other characters', get(`${PATHS[0]}{}`, ID)],
    ['a bare line feed', get(PATHS[0], ID).replace('\r\n', '\n')],
    ['an empty line before', `\r\n${get(PATHS[0], ID)}`],
    ['a head in two pieces', [get(PATHS[0], ID).slice(0, 30), get(PATHS[0], ID).slice(30)]],
    ['a head byte by byte', get(PATHS[0], ID).split('')],
  ];

  test.each(handedOff)('%s', async (_, bytes) => {
    const { http: expected, fast: given, facts } = await both(bytes, 1);
    // Whatever is new to both is a miss to both.
    expect(timeless(given.text)).toBe(timeless(expected.text));
    expect(given.closed).toBe(expected.closed);
    expect(facts.fast).toEqual(facts.http);
    expect(writers(pair.fast).every((writer) => writer === 'http')).toBe(true);
  });

  test('a request behind a kept answer, which comes first', async () => {
    const { http: expected, fast: given } = await both(get(PATHS[0], ID) + get('/health'), 2);
    expect(given.statuses).toEqual(expected.statuses);
    expect(given.text.indexOf('x-cache: HIT')).toBeLessThan(given.text.indexOf('HTTP', 1));
    expect(writers(pair.fast)).toEqual(['fast', 'http']);
  });

  test('a body behind a kept answer, and all that came in the same bytes', async () => {
    const long = Buffer.alloc(300_000, 'y').toString();
    const post = get('/login', 'X-Request-Id: 2', `Content-Length: ${long.length}`).replace('GET', 'POST') + long;
    const bytes = get(PATHS[0], 'X-Request-Id: 1') + post + get(PATHS[0], 'X-Request-Id: 3');
    const { http: expected, fast: given } = await both(bytes, 3);
    expect(given.statuses).toEqual(expected.statuses);
    expect(given.text.match(/^x-request-id: .*$/gm)).toEqual(expected.text.match(/^x-request-id: .*$/gm));
    expect(writers(pair.fast)).toEqual(['http', 'http', 'http']);
  });
});
