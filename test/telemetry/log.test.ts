import { describe, expect, test } from '@jest/globals';
import { createLog } from '../../service/telemetry/log.ts';
import { REDACTED_FIELDS, SECRET_TEXTS, withoutSecrets } from '../../service/telemetry/log-redaction.ts';

/** What is in no line, however it comes there. */
const SECRET = 'hunter2-and-more';

function logged(write: (log: ReturnType<typeof createLog>) => void): { text: string; line: Record<string, unknown> } {
  let text = '';
  const log = createLog({
    level: 'debug',
    base: { process: 'test' },
    destination: { write: (line) => (text += line) },
  });
  write(log);
  return { text, line: JSON.parse(text) as Record<string, unknown> };
}

describe('a line of the log', () => {
  test('is JSON with an ISO time, the level in words and the fields of the process', () => {
    const { line } = logged((log) => log.info({ route: 'search' }, 'request'));
    expect(line).toMatchObject({ level: 'info', process: 'test', route: 'search', msg: 'request' });
    expect(new Date(line.time as string).toISOString()).toBe(line.time);
  });

  test.each(REDACTED_FIELDS)('never holds the value of a field %j, up to three levels deep', (name) => {
    for (const fields of [{ [name]: SECRET }, { a: { [name]: SECRET } }, { a: { b: { [name]: SECRET } } }]) {
      const { text } = logged((log) => log.info(fields, 'fields'));
      expect(text).not.toContain(SECRET);
      expect(text).toContain('[redacted]');
    }
  });

  test.each<[what: string, message: string]>([
    ['an authorization header', `request failed: authorization: Bearer ${SECRET}`],
    ['a header in JSON', `sent {"authorization":"Bearer ${SECRET}","accept":"*/*"}`],
    ['basic credentials', `proxy said no to Basic ${SECRET}==`],
    ['the account of a connection URL', `connect postgres://sluice:${SECRET}@postgres:5432/sluice failed`],
    ['a password with an at sign in a URL', `redis://:pa@${SECRET}@redis:6379 does not answer`],
    ['a password with a quote in a URL', `redis://user:"${SECRET}@redis:6379 does not answer`],
    ['a connection string of words', `host=postgres password=${SECRET} user=sluice`],
    ['a quoted password', `password: "${SECRET}" was refused`],
    ['a password in quotes of its own', `{'password':'${SECRET}'}`],
    ['a query', `GET /login?token=${SECRET}&next=/`],
    ['a cookie', `cookie: session=${SECRET}; path=/`],
    ["a key of the gateway's own", `no such key slu_${SECRET}`],
    ["a provider's key", `incorrect key sk-${SECRET}`],
  ])('holds no secret of an error whose message has %s', (_what, message) => {
    const cause = new Error(message);
    const error = new Error('it failed', { cause });
    for (const write of [
      (log: ReturnType<typeof createLog>) => log.error({ err: cause }, 'failed'),
      (log: ReturnType<typeof createLog>) => log.error({ err: error }, 'failed'),
      (log: ReturnType<typeof createLog>) => log.error(cause),
      (log: ReturnType<typeof createLog>) => log.warn({ reason: message }, message),
    ]) {
      const { text, line } = logged(write);
      expect(text).not.toContain('hunter2');
      expect(line.msg).toBeDefined();
    }
  });

  test('tells of an error its kind, message, code, stack and causes, and nothing that hangs on it', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'EPROTO', row: { email: 'alice@example.com' } });
    const error = Object.assign(new Error('outer', { cause }), { command: { name: 'AUTH', args: [SECRET] } });
    const { line, text } = logged((log) => log.error({ err: error }, 'failed'));
    expect(line.err).toEqual({
      type: 'Error',
      message: 'outer',
      stack: expect.stringContaining('outer'),
      cause: { type: 'TypeError', message: 'inner', code: 'EPROTO', stack: expect.any(String) },
    });
    expect(text).not.toMatch(/alice|AUTH/);
  });

  test('stays short for an error that is not, and whole for what was thrown that is no error', () => {
    const endless = new Error('x'.repeat(1_000_000));
    endless.cause = endless;
    expect(logged((log) => log.error({ err: endless }, 'failed')).text.length).toBeLessThan(40_000);
    expect(logged((log) => log.error({ err: 'text' }, 'failed')).line.err).toEqual({ type: 'string', message: 'text' });
  });

  test('stays JSON with anything in its texts', () => {
    for (const text of [
      '"',
      '\\',
      '\\"',
      'password="',
      'a://"@',
      'token: \\"x',
      'Bearer "',
      '\u2028\n\r\t"}',
      'cookie=\\',
    ])
      for (const around of [(part: string) => part, (part: string) => `password=${part}@${part}`]) {
        const { line } = logged((log) => log.info({ text: around(text) }, around(text)));
        expect(line.process).toBe('test');
      }
  });

  test('keeps what is no secret', () => {
    const text = 'GET http://upstream:8081/v1/search 503; 12 tokens; see https://a.example/b@c';
    expect(withoutSecrets(JSON.stringify({ text }))).toBe(JSON.stringify({ text }));
  });
});

test('what looks for secrets takes no time that grows with more than the length of a line', () => {
  const hostile = ['a://', 'password', 'token=', 'bearer ', ':@', 'x://y:'].map((part) => part.repeat(40_000));
  for (const line of hostile) {
    const startedAt = performance.now();
    for (const { pattern, instead } of SECRET_TEXTS) line.replace(pattern, instead);
    // Quadratic in a quarter of a million characters would be minutes.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  }
});
