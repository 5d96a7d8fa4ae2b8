import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createUser, setUserPassword } from '../../service/app/index.ts';
import type { Caller } from '../../service/gateway/exchange.ts';
import { ask, startGateway, type TestGateway } from '../support/gateway.ts';
import { headersOf, startApplication, valueOf, type TestApplication } from './application.ts';

const problem = (code: string): unknown => expect.objectContaining({ name: 'Problem', code });
const keyCaller: Caller = { id: 'key:abc', kind: 'key', owner: 'ada' };

describe('login and session', () => {
  let app: TestApplication;

  beforeAll(async () => {
    app = await startApplication();
    await createUser(app.database, 'ada', 'correct horse');
  });

  afterAll(() => app.close());

  const logIn = async (): Promise<{ token: string; expires_at: string; headers: { authorization: string } }> => {
    const reply = await app.call('login', { body: { username: 'ada', password: 'correct horse' } });
    const answer = valueOf(reply) as { token: string; expires_at: string };
    return { ...answer, headers: { authorization: `Bearer ${answer.token}` } };
  };

  test('a right password opens a session, which can be read and ended', async () => {
    const login = await app.call('login', { body: { username: 'ada', password: 'correct horse' } });
    const { token, token_type, expires_at } = valueOf(login) as Record<string, string>;
    const headers = { authorization: `Bearer ${token ?? ''}` };

    expect(token_type).toBe('Bearer');
    expect(headersOf(login)).toEqual({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(valueOf(await app.call('readSession', { headers }))).toEqual({ owner: 'ada', expires_at, data: {} });
    expect(await app.call('endSession', { headers })).toEqual({ status: 204, headers: [], body: null });
    expect(await app.sessions.find(token ?? '')).toBeUndefined();
    await expect(app.call('readSession', { headers })).rejects.toEqual(problem('authentication-failed'));
  });

  test.each([
    ['a wrong password', 'ada', 'wrong'],
    ['an unknown user', 'eve', 'correct horse'],
    ['a name that no table could hold', 'a\0', 'correct horse'],
  ])('%s opens none, and does not say why', async (_what, username, password) => {
    await expect(app.call('login', { body: { username, password } })).rejects.toMatchObject({
      code: 'login-failed',
      details: {},
    });
  });

  test('the letters of a password count, not their code points', async () => {
    await createUser(app.database, 'zoe', 'caf\u00e9');

    const reply = await app.call('login', { body: { username: 'zoe', password: 'cafe\u0301' } });

    expect(reply.status).toBe(200);
  });

  test('another password replaces the first; a name is taken once', async () => {
    await setUserPassword(app.database, 'bob', 'first');
    await setUserPassword(app.database, 'bob', 'second');

    const body = (password: string) => ({ body: { username: 'bob', password } });
    await expect(app.call('login', body('first'))).rejects.toEqual(problem('login-failed'));
    expect((await app.call('login', body('second'))).status).toBe(200);
    await expect(createUser(app.database, 'bob', 'third')).rejects.toMatchObject({ code: '23505' });
  });

  test('after ten wrong passwords from one place the right one has to wait there, and nowhere else', async () => {
    await createUser(app.database, 'carol', 'right');
    const attempt = (password: string, clientAddress: string) =>
      app.call('login', { body: { username: 'carol', password }, clientAddress });
    for (let wrong = 0; wrong < 10; wrong++) {
      await expect(attempt('wrong', '2001:db8::1')).rejects.toEqual(problem('login-failed'));
    }

    await expect(attempt('right', '2001:db8::2')).rejects.toMatchObject({
      code: 'limit-exceeded',
      details: { headers: ['retry-after', expect.stringMatching(/^\d+$/)] },
    });
    expect((await attempt('right', '203.0.113.9')).status).toBe(200);
  });

  test('data is kept in a session, replaced as a whole, and leaves its end alone', async () => {
    const { headers, expires_at } = await logIn();

    const kept = await app.call('updateSession', { headers, body: { data: { theme: 'dark', page: '3' } } });
    expect(valueOf(kept)).toEqual({ owner: 'ada', expires_at, data: { theme: 'dark', page: '3' } });
    await app.call('updateSession', { headers, body: { data: { theme: 'light' } } });

    const read = await app.call('readSession', { headers });
    expect(valueOf(read)).toEqual({ owner: 'ada', expires_at, data: { theme: 'light' } });
    expect(headersOf(read)).toMatchObject({ 'cache-control': 'no-store' });
  });

  test('data of more than 4096 bytes is refused, and what was there stays', async () => {
    const { headers } = await logIn();
    await app.call('updateSession', { headers, body: { data: { theme: 'dark' } } });
    const data = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'ä'.repeat(500)]));

    await expect(app.call('updateSession', { headers, body: { data } })).rejects.toMatchObject({
      code: 'invalid-body',
      details: { errors: [{ field: '/data', message: 'must have at most 4096 bytes' }] },
    });

    expect(valueOf(await app.call('readSession', { headers }))).toMatchObject({ data: { theme: 'dark' } });
  });

  test('a new token takes the place of the old one, with data and end', async () => {
    const { headers, token, expires_at } = await logIn();
    await app.call('updateSession', { headers, body: { data: { theme: 'dark' } } });

    const rotated = await app.call('rotateSession', { headers });

    const answer = valueOf(rotated) as { token: string };
    expect(answer).toEqual({ token: expect.not.stringMatching(token), token_type: 'Bearer', expires_at });
    expect(headersOf(rotated)).toMatchObject({ 'cache-control': 'no-store' });
    for (const id of ['readSession', 'rotateSession'] as const)
      await expect(app.call(id, { headers })).rejects.toEqual(problem('authentication-failed'));
    const read = await app.call('readSession', { headers: { authorization: `Bearer ${answer.token}` } });
    expect(valueOf(read)).toEqual({ owner: 'ada', expires_at, data: { theme: 'dark' } });
  });

  test('a user can end all sessions at once', async () => {
    const [one, two] = [await logIn(), await logIn()];

    expect((await app.call('endSession', { headers: one.headers, query: { all: 'false' } })).status).toBe(204);
    expect((await app.call('readSession', { headers: two.headers })).status).toBe(200);
    const three = await logIn();
    expect((await app.call('endSession', { headers: two.headers, query: { all: 'true' } })).status).toBe(204);

    for (const { headers } of [two, three])
      await expect(app.call('readSession', { headers })).rejects.toEqual(problem('authentication-failed'));
  });

  test.each(['readSession', 'updateSession', 'rotateSession', 'endSession'] as const)(
    'a key has no session: %s',
    async (id) => {
      const init = { caller: keyCaller, headers: { authorization: 'Bearer slu_abc' }, body: { data: {} } };

      await expect(app.call(id, init)).rejects.toEqual(problem('authentication-failed'));
    },
  );

  test('a cookie is neither set nor read where the service has none', async () => {
    const { token } = await logIn();
    const headers = { cookie: `__Host-session=${token}` };

    await expect(app.call('readSession', { headers })).rejects.toEqual(problem('authentication-failed'));
  });
});

describe('sessions over HTTP', () => {
  let app: TestApplication;
  let gateway: TestGateway;
  let headers: Record<string, string>;

  beforeAll(async () => {
    app = await startApplication();
    const ids = ['readSession', 'updateSession', 'rotateSession', 'endSession'] as const;
    gateway = await startGateway(Object.fromEntries(ids.map((id) => [id, app.exchange(id).route.handler])), {
      credentials: {
        key: () => Promise.resolve(undefined),
        session: async (token) => (await app.sessions.find(token))?.owner,
      },
    });
    const { token } = await app.sessions.create('ada');
    headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  });

  afterAll(async () => {
    await gateway.close();
    await app.close();
  });

  const patch = (body: string) => ask(gateway.port, 'PATCH', '/session', headers, body);

  test('data goes in and comes back', async () => {
    const data = { theme: 'dark', 'last.page-1_x': '', X: 'ä'.repeat(1000) };
    expect((await patch(JSON.stringify({ data }))).status).toBe(200);

    const read = await ask(gateway.port, 'GET', '/session', headers);
    expect([read.status, JSON.parse(read.text)]).toEqual([200, expect.objectContaining({ owner: 'ada', data })]);
  });

  test.each([
    ['no data', '{}'],
    ['a field more', '{"data":{},"owner":"eve"}'],
    ['a list', '{"data":[]}'],
    ['a value that is no text', '{"data":{"a":1}}'],
    ['a value of values', '{"data":{"a":{"b":"c"}}}'],
    ['a value that is too long', JSON.stringify({ data: { a: 'x'.repeat(1001) } })],
    ['a name that begins with no letter', '{"data":{"__proto__":"x"}}'],
    ['an empty name', '{"data":{"":"x"}}'],
    ['a name that is too long', JSON.stringify({ data: { ['x'.repeat(65)]: '' } })],
    ['21 names', JSON.stringify({ data: Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`n${at}`, ''])) })],
  ])('%s is refused', async (_what, body) => {
    const answer = await patch(body);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([422, expect.objectContaining({ code: 'invalid-body' })]);
  });

  test('a new token works at once, and the old one nowhere any more', async () => {
    const { token } = await app.sessions.create('bob');
    const old = { authorization: `Bearer ${token}` };

    const rotated = await ask(gateway.port, 'POST', '/session/token', old);

    const fresh = { authorization: `Bearer ${(JSON.parse(rotated.text) as { token: string }).token}` };
    expect((await ask(gateway.port, 'GET', '/session', fresh)).status).toBe(200);
    expect((await ask(gateway.port, 'GET', '/session', old)).status).toBe(401);
    expect((await ask(gateway.port, 'DELETE', '/session?all=maybe', fresh)).status).toBe(400);
    expect((await ask(gateway.port, 'DELETE', '/session?all=true', fresh)).status).toBe(204);
    expect((await ask(gateway.port, 'GET', '/session', fresh)).status).toBe(401);
  });
});

describe('where sessions are kept in a cookie', () => {
  let app: TestApplication;

  beforeAll(async () => {
    app = await startApplication({ cookie: 'strict' });
    await createUser(app.database, 'ada', 'correct horse');
  });

  afterAll(() => app.close());

  test('it is out of reach of scripts, other hosts and plain connections, and ends with the session', async () => {
    const login = await app.call('login', { body: { username: 'ada', password: 'correct horse' } });
    const { token } = valueOf(login) as { token: string };
    const [value, path, maxAge, ...flags] = headersOf(login)['set-cookie']?.split('; ') ?? [];
    expect([value, path, flags]).toEqual([
      `__Host-session=${token}`,
      'Path=/',
      ['HttpOnly', 'Secure', 'SameSite=Strict'],
    ]);
    // The session of this application lasts a minute.
    expect(maxAge).toMatch(/^Max-Age=(60|5\d)$/);
    const headers = { cookie: `a=b; __Host-session=${token}`, 'sec-fetch-site': 'same-origin' };

    const rotated = await app.call('rotateSession', { headers });
    const next = (valueOf(rotated) as { token: string }).token;
    expect(headersOf(rotated)['set-cookie']).toMatch(`__Host-session=${next}; `);
    const ended = await app.call('endSession', { headers: { ...headers, cookie: `__Host-session=${next}` } });

    expect(headersOf(ended)['set-cookie']).toBe(
      '__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict',
    );
    expect(await app.sessions.find(next)).toBeUndefined();
  });

  test('what comes from another site cannot use it', async () => {
    const login = await app.call('login', { body: { username: 'ada', password: 'correct horse' } });
    const { token } = valueOf(login) as { token: string };
    const headers = { cookie: `__Host-session=${token}`, 'sec-fetch-site': 'cross-site' };

    await expect(app.call('endSession', { headers })).rejects.toEqual(problem('authentication-failed'));

    expect(await app.sessions.find(token)).toBeDefined();
  });
});
