import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../service/store/embedded-postgres.ts';
import { eventually } from '../support/eventually.ts';
import { makeFolder, serverPid, sql } from './test-postgres.ts';

const asRoot = process.getuid?.() === 0;

describe('an embedded Postgres', () => {
  // One folder for all tests that need no first start, which takes a second.
  const directory = makeFolder();
  const running: EmbeddedPostgres[] = [];
  let lines: string[];

  beforeEach(() => {
    lines = [];
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((postgres) => postgres.stop()));
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  async function start(folder = directory): Promise<EmbeddedPostgres> {
    const postgres = await startEmbeddedPostgres({ directory: folder, log: (line) => lines.push(line) });
    running.push(postgres);
    return postgres;
  }

  test('keeps its data and its password from one run to the next', async () => {
    const first = await start();
    await sql(first.connectionString, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();

    const second = await start();

    expect(await sql(second.connectionString, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(new URL(second.connectionString).password).toBe(new URL(first.connectionString).password);
    expect(lines).toEqual([]);
  });

  test('lets nobody in without its password, which only its account can read', async () => {
    const { connectionString } = await start();

    await expect(sql(connectionString.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password/);
    expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600);
    expect(new URL(connectionString).hostname).toBe('127.0.0.1');
  });

  test('has stopped when stop resolves, and stops once only', async () => {
    const postgres = await start();
    const pid = serverPid(directory);

    await Promise.all([postgres.stop(), postgres.stop()]);
    await postgres.stop();

    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(sql(postgres.connectionString, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('starts after its server was killed, and tells that it was', async () => {
    const first = await start();
    await sql(first.connectionString, 'CREATE TABLE written AS SELECT 42 AS answer');
    process.kill(serverPid(directory), 'SIGKILL');
    await eventually(() => expect(lines).toEqual([expect.stringContaining('Postgres ended unexpectedly')]));

    const second = await start();

    expect(await sql(second.connectionString, 'SELECT answer FROM written')).toEqual([{ answer: 42 }]);
  });

  test('starts although the number in its lock belongs to another program by now', async () => {
    await (await start()).stop();
    const lock = [process.pid, join(directory, 'data'), 1_700_000_000, 1, '', '127.0.0.1', '', 'ready'];
    writeFileSync(join(directory, 'data', 'postmaster.pid'), `${lock.join('\n')}\n`);

    const second = await start();

    expect(await sql(second.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('is refused a folder that another one uses, with what to do', async () => {
    const { connectionString } = await start();

    await expect(start()).rejects.toThrow(/Another embedded Postgres \(process \d+\).*stop the program.*DATABASE_URL/);

    expect(await sql(connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('of two first starts in one folder, one runs and the other says why not', async () => {
    const folder = makeFolder();
    const [first, second] = await Promise.allSettled([start(folder), start(folder)]);

    const statuses = [first.status, second.status].sort();
    expect(statuses).toEqual(['fulfilled', 'rejected']);
    const reason: unknown = first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason;
    expect(String(reason)).toMatch(/Another embedded Postgres/);
    expect(await sql(running[0]?.connectionString ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await running.pop()?.stop();
    rmSync(folder, { recursive: true });
  });

  test('ends soon after the program that started it was killed', async () => {
    const module = new URL('../../service/store/embedded-postgres.ts', import.meta.url).href;
    const program = `const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
      const { connectionString } = await startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, log() {} });
      console.log(connectionString);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [connectionString] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    expect(await sql(connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    parent.kill('SIGKILL');

    await eventually(() => expect(sql(connectionString, 'SELECT 1')).rejects.toThrow('ECONNREFUSED'));
    const next = await start();
    expect(await sql(next.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  (asRoot ? test : test.skip)(
    'as root keeps its data elsewhere when only root can enter the folder, whatever the umask',
    async () => {
      const folder = makeFolder();
      chmodSync(folder, 0o700);

      const umask = process.umask(0o077);

      const { connectionString } = await start(join(folder, 'inner')).finally(() => process.umask(umask));

      expect(await sql(connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(lines).toEqual([
        expect.stringMatching(/^only root can enter .*\/inner: the data of Postgres is kept in /),
      ]);
      const [, elsewhere = ''] = / kept in (.+)$/.exec(lines[0] ?? '') ?? [];
      expect(existsSync(join(elsewhere, 'data', 'PG_VERSION'))).toBe(true);
      await running.pop()?.stop();
      for (const made of [elsewhere, folder]) rmSync(made, { recursive: true });
    },
  );
});
