import { createServer, type AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { migrate } from '../../service/store/migrate.ts';
import { sql, startPostgres, type TestPostgres } from '../store/test-postgres.ts';
import { hasStack, sluice, type Run } from './sluice.ts';

const DAY_MS = 86_400_000;

describe('sluice keys', () => {
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await startPostgres();
    await migrate(postgres.connectionString, { log: () => undefined });
  });

  afterAll(() => postgres.remove());

  const keys = (...args: readonly string[]): Run =>
    sluice(['keys', ...args], { env: { DATABASE_URL: postgres.connectionString } });
  const listed = (): Record<string, unknown>[] =>
    (JSON.parse(keys('list', '--json').stdout) as { keys: Record<string, unknown>[] }).keys;

  test('create prints the key alone on stdout, and keeps its hash, owner, tier and end', async () => {
    const run = keys('create', '--owner', 'ada', '--name', 'ci', '--tier', 'pro', '--expires', '90d');

    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^slu_[\w-]{43}\n$/);
    const hash = createHash('sha256').update(run.stdout.trim()).digest('hex');
    expect(run.stderr).toBe(
      `note: this is key ${hash.slice(0, 8)}; it is kept only as a hash and cannot be printed again.\n`,
    );
    const [row] = await sql(postgres.connectionString, `SELECT * FROM api_keys WHERE hash = '${hash}'`);
    expect(row).toMatchObject({ owner: 'ada', name: 'ci', tier: 'pro', revoked_at: null });
    const end = (row?.expires_at as Date).getTime();
    expect(Math.abs(end - Date.now() - 90 * DAY_MS)).toBeLessThan(60_000);
  });

  test('list shows every key without what opens anything, as a table and as JSON', () => {
    const key = keys('create', '--owner', 'bob', '--name', 'nightly job').stdout.trim();
    const id = createHash('sha256').update(key).digest('hex').slice(0, 8);

    const table = keys('list');
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(/^ID +OWNER +NAME +TIER +CREATED +STATE\n/);
    expect(table.stdout).toMatch(new RegExp(`^${id} +bob +nightly job +- +\\d{4}-\\d\\d-\\d\\d +valid$`, 'm'));
    expect(table.stdout).not.toContain(key);
    expect(listed().find((each) => each.id === id)).toEqual({
      id,
      owner: 'bob',
      name: 'nightly job',
      tier: null,
      created_at: expect.stringMatching(/Z$/),
      expires_at: null,
      revoked_at: null,
    });
  });

  test('revoke revokes the one key, once for all', () => {
    keys('create', '--owner', 'eve', '--name', 'leaked');
    const id = String(listed().find(({ owner }) => owner === 'eve')?.id);

    const first = keys('revoke', id);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(new RegExp(`^key ${id} \\(leaked, of eve\\) is revoked since \\d{4}-`));
    const revokedAt = listed().find((each) => each.id === id)?.revoked_at;
    expect(revokedAt).toEqual(expect.any(String));
    expect(keys('revoke', id).stdout).toBe(first.stdout);
    expect(listed().find((each) => each.id === id)?.revoked_at).toBe(revokedAt);
    expect(listed().filter(({ owner, revoked_at }) => owner !== 'eve' && revoked_at !== null)).toEqual([]);
  });

  test('revoke tells when there is no such key', () => {
    const run = keys('revoke', '00000000');
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toBe("error: there is no key 00000000; 'sluice keys list' shows those that there are\n");
  });

  test('a database whose tables no gateway has made is told, and nothing made in it', async () => {
    const empty = await postgres.createEmptyDatabase();

    const run = sluice(['keys', 'list'], { env: { DATABASE_URL: empty } });

    expect(run).toMatchObject({ code: 69, stdout: '' });
    expect(run.stderr).toMatch(/^error: the database test_\w+ at 127\.0\.0\.1:\d+ has no such tables; start a gateway/);
    expect(run.stderr).not.toContain(new URL(empty).password);
  });
});

describe('sluice keys without its database', () => {
  test('says which variable is missing, with an example', () => {
    const run = sluice(['keys', 'list']);
    expect(run).toMatchObject({ code: 69, stdout: '' });
    expect(run.stderr).toBe(
      "error: DATABASE_URL is not set: it names the gateway's Postgres; " +
        'example: DATABASE_URL=postgres://user:password@127.0.0.1:5432/sluice\n',
    );
  });

  test('says what does not answer, without the password', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');

    const env = { DATABASE_URL: `postgres://ada:sesame@127.0.0.1:${port}/sluice` };
    const run = sluice(['keys', 'create', '--owner', 'a', '--name', 'b'], { env });

    expect(run).toMatchObject({ code: 69, stdout: '' });
    expect(run.stderr).toMatch(`error: the database at 127.0.0.1:${port} does not answer (connect ECONNREFUSED`);
    expect(run.stderr).not.toContain('sesame');
    expect(hasStack(run)).toBe(false);
  });

  test.each(['127.0.0.1:5432', 'http://127.0.0.1/', 'sesame'])('refuses the address %j', (address) => {
    const run = sluice(['keys', 'list'], { env: { DATABASE_URL: address } });
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(/^error: DATABASE_URL: must be a URL that starts with postgres:\/\//);
  });
});

describe('sluice keys called wrongly', () => {
  const create = ['create', '--owner', 'ada', '--name', 'ci'] as const;

  test.each<[args: readonly string[], messages: readonly string[]]>([
    [['creat'], ["unknown command 'creat'", 'Did you mean create?', "see 'sluice keys --help'"]],
    [
      ['create', '--owner', 'ada'],
      ["required option '--name <text>' not specified", "see 'sluice keys create --help'"],
    ],
    [['create', '--name', 'ci'], ["required option '--owner <user>' not specified"]],
    [
      [...create, '--tier', 'gold'],
      ["argument 'gold' is invalid", 'free, pro, enterprise'],
    ],
    [
      [...create, '--expires', '90'],
      ["argument '90' is invalid", 'such as 12h or 90d'],
    ],
    [[...create, '--expires', '0d'], ["argument '0d' is invalid"]],
    [[...create, '--expires', '9999999999d'], ["argument '9999999999d' is invalid"]],
    [[...create, '--expires', '-1d'], ['error: ']],
    [['create', '--owner', 'a\nb', '--name', 'ci'], ['no control characters']],
    [['create', '--owner', '', '--name', 'ci'], ['1 to 100 characters']],
    [['revoke'], ["missing required argument 'id'", "see 'sluice keys revoke --help'"]],
    [
      ['revoke', 'abc'],
      ["value 'abc' is invalid for argument 'id'", 'eight hexadecimal digits'],
    ],
    [['revoke', "' OR 1=1"], ['eight hexadecimal digits']],
    [
      ['list', '--jsn'],
      ["unknown option '--jsn'", 'Did you mean --json?'],
    ],
  ])('%j is told in one message, before the database is asked', (args, messages) => {
    const run = sluice(['keys', ...args], { env: { DATABASE_URL: 'postgres://127.0.0.1:1/sluice' } });
    for (const message of messages) expect(run.stderr).toContain(message);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(hasStack(run)).toBe(false);
  });

  test.each([['keys'], ['keys create'], ['keys list'], ['keys revoke']])('%s --help has an example', (command) => {
    const run = sluice([...command.split(' '), '--help']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(new RegExp(`Examples?:\n  \\$ (KEY=\\$\\()?sluice ${command}`));
  });

  test('without a command it prints its help on stderr', () => {
    const run = sluice(['keys']);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain('Usage: sluice keys');
  });
});
