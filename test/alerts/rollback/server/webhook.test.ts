import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { eventually } from '../../../support/eventually.ts';
import { randomFrom } from '../random.ts';
import { alert, keyOf, notification, NOW, startTaker, TOKEN, type Taker } from './taker.ts';

let taker: Taker;

beforeEach(async () => {
  taker = await startTaker();
});
afterEach(() => taker.close());

type Refused = readonly [
  what: string,
  status: number,
  reason: RegExp,
  body: unknown,
  headers?: Readonly<Record<string, string>>,
];

const at = (milliseconds: number): string => new Date(NOW + milliseconds).toISOString();

const REFUSED: readonly Refused[] = [
  ['no token', 401, /Bearer is missing/, notification(), { authorization: '' }],
  ['another token', 401, /another token/, notification(), { authorization: `Bearer ${TOKEN.replace('0', '1')}` }],
  ['a token that is cut', 401, /another token/, notification(), { authorization: `Bearer ${TOKEN.slice(1)}` }],
  ['a token with more behind it', 401, /another token/, notification(), { authorization: `Bearer ${TOKEN}0` }],
  ['the token in another scheme', 401, /another token/, notification(), { authorization: `Basic ${TOKEN}` }],
  ['text', 415, /application\/json/, notification(), { 'content-type': 'text/plain' }],
  [
    'a type that only begins like JSON',
    415,
    /application\/json/,
    notification(),
    { 'content-type': 'application/json5' },
  ],
  ['a compressed body', 415, /Content-Encoding/, notification(), { 'content-encoding': 'gzip' }],
  ['a body beyond the bound', 413, /262144 bytes/, notification([alert({ annotations: { a: 'x'.repeat(262_144) } })])],
  ['a body far beyond it', 413, /262144 bytes/, 'x'.repeat(3_000_000)],
  ['nothing', 400, /not JSON/, ''],
  ['no JSON', 400, /not JSON/, '{"version":"4",'],
  ['a list', 400, /the body must be/, []],
  ['null', 400, /the body must be/, 'null'],
  ['another version', 400, /version must be '4'/, notification(undefined, { version: '5' })],
  ['a version that is a number', 400, /version must be '4'/, notification(undefined, { version: 4 })],
  ['no version', 400, /version must be '4'/, notification(undefined, { version: undefined })],
  ['no alerts', 400, /alerts must be at least one alert/, notification([])],
  ['alerts that are none', 400, /alerts must be array/, notification(undefined, { alerts: 'all' })],
  ['an alert without labels', 400, /alerts\.0\.labels must be/, notification([alert({ labels: undefined })])],
  [
    'a label that is a number',
    400,
    /labels\.pod_template_hash must be text/,
    notification([alert({}, { pod_template_hash: 12_345 })]),
  ],
  [
    'a label that is an object',
    400,
    /labels\.namespace must be text/,
    notification([alert({}, { namespace: { a: 1 } })]),
  ],
  ['another status', 400, /status must be 'firing' or 'resolved'/, notification([alert({ status: 'pending' })])],
  [
    'a fingerprint that is none',
    400,
    /16 hexadecimal digits/,
    notification([alert({ fingerprint: 'c1a2b3d4e5f6071g' })]),
  ],
  ['a start that is no time', 400, /startsAt must be a time/, notification([alert({ startsAt: 'yesterday' })])],
  [
    'a start without a zone',
    400,
    /startsAt must be a time/,
    notification([alert({ startsAt: '2026-03-01T11:59:40' })]),
  ],
  ['a start that is a number', 400, /startsAt must be/, notification([alert({ startsAt: NOW })])],
  ['a count of truncated alerts below zero', 400, /truncatedAlerts/, notification(undefined, { truncatedAlerts: -1 })],
  ['an alert of others', 422, /"NodeDown" is none of ours/, notification([alert({}, { alertname: 'NodeDown' })])],
  ['an alert of ours that is for people', 422, /none of ours/, notification([alert({}, { alertname: 'DrillMissed' })])],
  ['an alert without a name', 422, /none of ours/, notification([alert({}, { alertname: '' })])],
  ['a label that nobody knows', 422, /label "pod" is neither/, notification([alert({}, { pod: 'gateway-1' })])],
  ['another namespace', 422, /namespace "other" is not shop/, notification([alert({}, { namespace: 'other' })])],
  ['no namespace', 422, /namespace "" is not shop/, notification([alert({}, { namespace: '' })])],
  ['no hash', 422, /is no hash/, notification([alert({}, { pod_template_hash: '' })])],
  ['a hash that is a path', 422, /is no hash/, notification([alert({}, { pod_template_hash: '../../etc' })])],
  ['a hash with a pattern', 422, /is no hash/, notification([alert({}, { pod_template_hash: 'abcde|.*' })])],
  ['a hash with a line break', 422, /is no hash/, notification([alert({}, { pod_template_hash: '7d9f8b6c5d\n' })])],
  ['a hash that is too long', 422, /is no hash/, notification([alert({}, { pod_template_hash: 'a'.repeat(17) })])],
  ['an alert that is old', 422, /and 600 s is old/, notification([alert({ startsAt: at(-661_000) })])],
  ['an alert of 1970', 422, /is old/, notification([alert({ startsAt: '1970-01-01T00:00:00Z' })])],
  [
    'one that ended long ago',
    422,
    /resolved since 661 s/,
    notification([alert({ status: 'resolved', endsAt: at(-661_000) })]),
  ],
  ['one of the future', 422, /62 s in the future/, notification([alert({ startsAt: at(62_000) })])],
  [
    'a Watchdog of elsewhere',
    422,
    /namespace/,
    notification([alert({}, { alertname: 'Watchdog', namespace: 'other', pod_template_hash: undefined })]),
  ],
  ['a Watchdog with a hash', 422, /label "pod_template_hash"/, notification([alert({}, { alertname: 'Watchdog' })])],
];

describe('a notification is refused, logged, counted, and changes nothing:', () => {
  test.each<Refused>(REFUSED)('%s: %i', async (_, status, reason, body, headers = {}) => {
    const response = await taker.post(body, headers);
    const problem = (await response.json()) as { readonly detail: string; readonly status: number };

    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({ status, detail: expect.stringMatching(reason) as unknown });
    expect(problem.detail).not.toMatch(/[\r\n]/);
    expect(taker.lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ reason: problem.detail }) as unknown,
      }),
    ]);
    expect(await taker.counted()).toEqual({ accepted: 0, duplicate: 0, refused: 1, busy: 0 });
    expect(taker.inbox()).toEqual({ events: [] });
    expect([taker.heard, taker.woken()]).toEqual([[], 0]);
    expect(JSON.stringify([problem, taker.lines])).not.toContain(TOKEN.slice(1));
  });

  test('one wrong alert among right ones', async () => {
    const response = await taker.post(notification([alert(), alert({}, { namespace: 'other' }), alert()]));

    expect(response.status).toBe(422);
    expect(taker.inbox().events).toEqual([]);
  });

  test('from an address that alerts do not come from, whatever it says of itself', async () => {
    await taker.close();
    taker = await startTaker({ sources: ['10.0.0.0/8', 'fc00::/7'] });
    const response = await taker.post(notification(), { 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' });

    expect(response.status).toBe(403);
    expect(taker.lines[0]?.fields).toMatchObject({ code: 'source-not-allowed' });
    expect(await taker.counted()).toMatchObject({ refused: 1 });
    expect(taker.inbox().events).toEqual([]);
  });

  test('a body that comes too slowly, while others are served', async () => {
    await taker.close();
    taker = await startTaker({ bounds: { maxBytes: 10_000, timeout: 200 } });
    const socket = connect(taker.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const head = `POST /alerts HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n`;
    socket.write(`${head}{`);
    const drip = setInterval(() => socket.write(' '), 50);
    expect((await taker.post(notification())).status).toBe(202);
    await closed;
    clearInterval(drip);

    expect(answer).toContain('HTTP/1.1 408');
    expect(await taker.counted()).toMatchObject({ refused: 1, accepted: 1 });
  });

  test('a body that breaks off', async () => {
    const socket = connect(taker.port, '127.0.0.1');
    socket.end(
      `POST /alerts HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{`,
    );
    await eventually(async () => expect(await taker.counted()).toMatchObject({ refused: 1 }));

    expect(taker.inbox().events).toEqual([]);
  });
});

describe('another request is refused:', () => {
  test.each<[method: string, path: string, status: number]>([
    ['GET', '/alerts', 405],
    ['PUT', '/alerts', 405],
    ['DELETE', '/alerts', 405],
    ['POST', '/metrics', 405],
    ['POST', '/status', 405],
    ['GET', '/', 404],
    ['POST', '/alerts/', 404],
    ['POST', '/alert', 404],
    ['GET', '/constructor', 404],
    ['GET', '/alerts/../status/x', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const response = await fetch(taker.origin + path, { method, headers: { authorization: `Bearer ${TOKEN}` } });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status });
    if (status === 405) expect(response.headers.get('allow')).toBe(path === '/alerts' ? 'POST' : 'GET');
    expect(taker.lines).toEqual([expect.objectContaining({ level: 'warn' })]);
    expect(taker.inbox().events).toEqual([]);
  });
});

describe('an alert is stored before it is answered', () => {
  test('with what names it, by the clock of the guard', async () => {
    const response = await taker.post(notification());

    expect(response.status).toBe(202);
    expect(taker.inbox().events).toEqual([
      {
        key: keyOf('firing'),
        kind: 'firing',
        name: 'ReleaseErrorsHigh',
        hash: '7d9f8b6c5d',
        storedAt: NOW,
        startsAt: Date.parse('2026-03-01T11:59:40.123Z'),
      },
    ]);
    expect(await taker.counted()).toEqual({ accepted: 1, duplicate: 0, refused: 0, busy: 0 });
    expect(taker.woken()).toBe(1);
  });

  test('once, however often it comes, also by several at the same time', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await taker.post(notification())).status),
    );

    expect(statuses).toEqual([202, 202, 202, 202, 202]);
    expect(taker.inbox().events).toHaveLength(1);
    expect(await taker.counted()).toEqual({ accepted: 1, duplicate: 4, refused: 0, busy: 0 });
    expect(taker.woken()).toBe(1);
  });

  test('each by its own status: the one of the notification says firing as long as any does', async () => {
    const ended = alert({ status: 'resolved', endsAt: at(-5_000) });
    const slow = alert({ fingerprint: '00000000000000aa' }, { alertname: 'ReleaseLatencyHigh' });
    await taker.post(notification([ended, slow], { status: 'firing' }));

    expect(taker.inbox().events.map(({ kind, name }) => [kind, name])).toEqual([
      ['resolved', 'ReleaseErrorsHigh'],
      ['firing', 'ReleaseLatencyHigh'],
    ]);
  });

  test('resolved first, and the firing one that is late still as another event', async () => {
    await taker.post(notification([alert({ status: 'resolved', endsAt: at(0) })], { status: 'resolved' }));
    await taker.post(notification());

    expect(taker.inbox().events.map(({ key }) => key)).toEqual([keyOf('resolved'), keyOf('firing')]);
  });

  test.each([
    ['as old as may be', alert({ startsAt: at(-600_000) })],
    ['by a clock that is a minute behind', alert({ startsAt: at(-655_000) })],
    ['by a clock that is a minute ahead', alert({ startsAt: at(55_000) })],
    ['in another zone', alert({ startsAt: '2026-03-01T20:59:40+09:00' })],
    ['with labels that a Prometheus adds', alert({}, { prometheus: 'monitoring/k8s', cluster: 'eu-1' })],
    [
      'that began long ago and has just ended',
      alert({ status: 'resolved', startsAt: at(-5_000_000), endsAt: at(-1000) }),
    ],
  ])('%s', async (_, one) => {
    expect((await taker.post(notification([one]))).status).toBe(202);
    expect(taker.inbox().events).toHaveLength(1);
  });

  test('of a newer Alertmanager, with fields that nobody knows here', async () => {
    const newer = {
      notification_reason: 'first notification',
      routeLabels: { severity: 'release' },
      future: [{ a: 1 }],
    };
    const response = await taker.post(notification([{ ...alert(), receivers: ['guard'], future: true }], newer));

    expect(response.status).toBe(202);
    expect(taker.inbox().events).toHaveLength(1);
  });

  test('and a notification that leaves alerts out is taken, and told of', async () => {
    await taker.post(notification(undefined, { truncatedAlerts: 3 }));

    expect(taker.inbox().events).toHaveLength(1);
    expect(taker.lines).toContainEqual(expect.objectContaining({ level: 'warn', fields: { truncatedAlerts: 3 } }));
  });
});

describe('the sender is asked to come again', () => {
  test('when the API server does not take it', async () => {
    taker.trouble = 'away';
    const response = await taker.post(notification());

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await taker.counted()).toEqual({ accepted: 0, duplicate: 0, refused: 0, busy: 1 });
    taker.trouble = 'none';
    expect((await taker.post(notification())).status).toBe(202);
  });

  test('when too many write at once', async () => {
    taker.trouble = 'busy';

    expect((await taker.post(notification())).status).toBe(503);
  });

  test('when as many wait as may, and all of them are stored once the rest is told again', async () => {
    const many = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) =>
        alert({ fingerprint: (from + index).toString(16).padStart(16, '0') }),
      );
    expect((await taker.post(notification(many(0, 60)))).status).toBe(202);
    const response = await taker.post(notification(many(60, 70)));

    expect(response.status).toBe(503);
    expect(taker.inbox().events).toHaveLength(64);
  });
});

test('the Watchdog is a sign of life and no event, and none once it is resolved', async () => {
  const watchdog = (changes: object) =>
    notification([
      {
        ...alert(
          { startsAt: at(-9_000_000) },
          { alertname: 'Watchdog', severity: 'none', pod_template_hash: undefined },
        ),
        ...changes,
      },
    ]);
  expect((await taker.post(watchdog({}))).status).toBe(202);
  expect((await taker.post(watchdog({ status: 'resolved', endsAt: at(0) }))).status).toBe(202);

  expect(taker.heard).toEqual([NOW]);
  expect(taker.inbox().events).toEqual([]);
});

test('whatever is done to a notification, it is refused or stored as what it says, and the port lives on', async () => {
  const random = randomFrom(20_260_301);
  for (let round = 0; round < 300; round++) {
    const before = taker.inbox().events;
    const body = mangled(JSON.stringify(notification()), random);
    const response = await taker.post(body);
    await response.arrayBuffer();

    expect([202, 400, 413, 415, 422]).toContain(response.status);
    if (response.status !== 202) expect(taker.inbox().events).toEqual(before);
  }
  for (const event of taker.inbox().events) {
    expect(event).toMatchObject({ kind: expect.stringMatching(/^(firing|resolved)$/) as unknown, storedAt: NOW });
    expect(event.hash).toMatch(/^[a-z0-9]{5,16}$/);
  }
  expect((await taker.post(notification())).status).toBe(202);
});

test('health, metrics and status are there for anybody', async () => {
  const get = async (path: string) => {
    const response = await fetch(taker.origin + path);
    return [response.status, await response.text()] as const;
  };
  expect(await get('/livez')).toEqual([200, 'ok\n']);
  expect(await get('/readyz')).toEqual([200, 'ok\n']);
  expect(await get('/status')).toEqual([200, '{"leads":true}\n']);
  expect((await get('/metrics'))[1]).toContain('gateway_guard_webhooks_total{result="accepted"} 0');
  await taker.close();
  taker = await startTaker({ ready: false });
  expect((await get('/readyz'))[0]).toBe(503);
  expect((await get('/livez'))[0]).toBe(200);
});

/** A text with a few places changed: a piece cut out, said twice, or replaced by what may matter to a parser. */
function mangled(text: string, random: () => number): string {
  const pieces = [
    '"',
    '{',
    '}',
    '[',
    ',',
    ':',
    '\\',
    '\0',
    'null',
    '1e999',
    '-0',
    '__proto__',
    'é',
    ' ',
    'true',
    '9'.repeat(30),
  ];
  let changed = text;
  for (let change = 0; change <= random() * 3; change++) {
    const from = Math.floor(random() * changed.length);
    const to = from + Math.floor(random() * 12);
    const piece = pieces[Math.floor(random() * pieces.length)] ?? '';
    changed = changed.slice(0, from) + (random() < 0.2 ? changed.slice(from, to).repeat(2) : piece) + changed.slice(to);
  }
  return changed;
}
