import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SYSTEM_CLOCK } from '../../../../chaos/drill/clock.ts';
import { makeCredentials, type CredentialOptions } from '../../../../chaos/drill/cluster/runner/credentials.ts';
import { createApiKey, createUser, listApiKeys } from '../../../../service/app/index.ts';
import { definition } from '../../../../service/definition/index.ts';
import { migrate } from '../../../../service/store/migrate.ts';
import { createDatabase, type Database } from '../../../../service/store/postgres.ts';
import { startPostgres, type TestPostgres } from '../../../store/test-postgres.ts';

let postgres: TestPostgres;
let database: Database;
let gateway: Server;
let status = 200;
let options: CredentialOptions;

beforeAll(async () => {
  postgres = await startPostgres();
  const databaseUrl = await postgres.createEmptyDatabase();
  await migrate(databaseUrl, { log: () => undefined });
  database = createDatabase({
    connectionString: databaseUrl,
    pools: { critical: 1, background: 1 },
    acquireTimeout: '5s',
    statementTimeout: '5s',
    onError: () => undefined,
  });
  gateway = createServer((_request, response) => response.writeHead(status).end('{"token":"t"}'));
  await once(gateway.listen(0, '127.0.0.1'), 'listening');
  options = {
    databaseUrl,
    service: definition.staging,
    origin: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
    name: 'drill-0123456789',
    users: 2,
    clock: SYSTEM_CLOCK,
    signal: new AbortController().signal,
    onError(error) {
      throw error;
    },
  };
});
beforeEach(() => {
  status = 200;
});
afterAll(async () => {
  gateway.closeAllConnections();
  gateway.close();
  await database.close();
  await postgres.remove();
});

const users = async (): Promise<string[]> => {
  const rows = await database.query<{ username: string }>(
    'critical',
    'SELECT username FROM users ORDER BY username',
    [],
  );
  return rows.map(({ username }) => username);
};
const valid = async () => (await listApiKeys(database)).filter(({ revokedAt }) => revokedAt === undefined);

test('makes a key of the tier of drills and as many users as are asked for, and takes them away', async () => {
  const { credentials, remove } = await makeCredentials(options);

  expect(credentials).toEqual({ key: expect.stringMatching(/^slu_/), sessions: ['t', 't'] });
  expect(await users()).toEqual(['drill-0123456789-1', 'drill-0123456789-2']);
  expect(await valid()).toEqual([expect.objectContaining({ owner: 'drill-0123456789', tier: 'drill' })]);
  await remove();
  expect([await users(), await valid()]).toEqual([[], []]);
});

test('leaves nothing where nobody can log in', async () => {
  status = 503;

  await expect(makeCredentials(options)).rejects.toThrow('answered 503');
  expect([await users(), await valid()]).toEqual([[], []]);
});

test('takes away what a drill left that was killed, and nothing of anybody else', async () => {
  for (const username of ['drill-aaaaaaaaaa-1', 'drill-sergeant', 'ada']) await createUser(database, username, 'p');
  for (const owner of ['drill-aaaaaaaaaa', 'drill-sergeant']) await createApiKey(database, { owner, name: 'drill' });

  const { remove } = await makeCredentials(options);

  expect(await users()).toEqual(['ada', 'drill-0123456789-1', 'drill-0123456789-2', 'drill-sergeant']);
  await remove();
  expect(await users()).toEqual(['ada', 'drill-sergeant']);
  expect((await valid()).map(({ owner }) => owner)).toEqual(['drill-sergeant']);
});
