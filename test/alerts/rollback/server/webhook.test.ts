import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomFrom } from '../random.ts';
import { at } from './refused.ts';
import { alert, keyOf, notification, NOW, startTaker, type Taker } from './taker.ts';

let taker: Taker;

beforeEach(async () => {
  taker = await startTaker();
});
afterEach(() => taker.close());

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
    expect(await taker.counted()).toEqual({ accepted: 1, duplicate: 0, truncated: 0, refused: 0, busy: 0 });
    expect(taker.woken()).toBe(1);
  });

  test('once, however often it comes, also by several at the same time', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await taker.post(notification())).status),
    );

    expect(statuses).toEqual([202, 202, 202, 202, 202]);
    expect(taker.inbox().events).toHaveLength(1);
    expect(await taker.counted()).toEqual({ accepted: 1, duplicate: 4, truncated: 0, refused: 0, busy: 0 });
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

  test('and a notification that leaves alerts out is taken, counted as such and told of', async () => {
    await taker.post(notification(undefined, { truncatedAlerts: 3 }));
    await taker.post(notification(undefined, { truncatedAlerts: 3 }));

    expect(taker.inbox().events).toHaveLength(1);
    expect(await taker.counted()).toEqual({ accepted: 0, duplicate: 0, truncated: 2, refused: 0, busy: 0 });
    expect(taker.lines).toContainEqual(expect.objectContaining({ level: 'warn', fields: { truncatedAlerts: 3 } }));
  });
});

describe('the sender is asked to come again', () => {
  test('when the API server does not take it', async () => {
    taker.trouble = 'away';
    const response = await taker.post(notification());

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await taker.counted()).toEqual({ accepted: 0, duplicate: 0, truncated: 0, refused: 0, busy: 1 });
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
