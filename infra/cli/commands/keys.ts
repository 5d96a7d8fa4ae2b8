import { Command, InvalidArgumentError, Option } from 'commander';
import { Client, DatabaseError } from 'pg';
import { createApiKey, listApiKeys, revokeApiKey, type ApiKey, type KeyTable } from '../../../service/app/index.ts';
import { definition, ENVIRONMENTS, toMilliseconds, type Duration } from '../../../service/definition/index.ts';
import { UnavailableError, UsageError } from '../errors.ts';
import { tableOf } from '../table.ts';

type CreateOptions = {
  readonly owner: string;
  readonly name: string;
  readonly tier?: string;
  readonly expires?: Date;
};

const EXAMPLE = 'DATABASE_URL=postgres://user:password@127.0.0.1:5432/sluice';
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** How long a gateway believes a key that it has seen. */
const BELIEVED = '30 s';

/** `sluice keys`: the API keys of the gateway whose database DATABASE_URL names. */
export function keysCommand(): Command {
  const command = new Command('keys').description('create, list and revoke the API keys of a gateway').addHelpText(
    'after',
    `
DATABASE_URL names the gateway's Postgres; its tables are there once a gateway has started.

Examples:
  $ sluice keys create --owner ada --name ci --tier pro --expires 90d
  $ sluice keys list --json
  $ sluice keys revoke 3f9a01c2`,
  );
  command.addCommand(createCommand());
  command.addCommand(listCommand());
  command.addCommand(revokeCommand());
  return command;
}

function createCommand(): Command {
  const tiers = [...new Set(ENVIRONMENTS.flatMap((name) => Object.keys(definition[name].limits.tiers)))];
  return new Command('create')
    .description('make a key and print it; it is told this once')
    .requiredOption('--owner <user>', 'whose key it is: owns what it creates', parseText)
    .requiredOption('--name <text>', 'what it is for', parseText)
    .addOption(new Option('--tier <tier>', 'whose limits hold (default: those of every key)').choices(tiers))
    .option('--expires <duration>', 'from now until it ends, such as 12h or 90d (default: never)', parseEnd)
    .addHelpText('after', '\nExample:\n  $ KEY=$(sluice keys create --owner ada --name ci --tier pro --expires 90d)')
    .action(async ({ owner, name, tier, expires }: CreateOptions) => {
      const { key, id } = await withTable((table) =>
        createApiKey(table, {
          owner,
          name,
          ...(tier === undefined ? {} : { tier }),
          ...(expires === undefined ? {} : { expiresAt: expires }),
        }),
      );
      process.stdout.write(`${key}\n`);
      process.stderr.write(`note: this is key ${id}; it is kept only as a hash and cannot be printed again.\n`);
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('list every key, the newest first; the keys themselves are not kept')
    .option('--json', 'print the list as JSON')
    .addHelpText('after', '\nExample:\n  $ sluice keys list --json')
    .action(async ({ json }: { json?: boolean }) => {
      const keys = await withTable(listApiKeys);
      process.stdout.write(json ? `${JSON.stringify({ keys: keys.map(stated) }, undefined, 2)}\n` : tableOfKeys(keys));
    });
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('revoke a key for good')
    .argument('<id>', 'what `sluice keys list` names it by', parseId)
    .addHelpText('after', '\nExample:\n  $ sluice keys revoke 3f9a01c2')
    .action(async (id: string) => {
      const revoked = await withTable((table) => revokeApiKey(table, id));
      if (!revoked) throw new UsageError(`there is no key ${id}; 'sluice keys list' shows those that there are`);
      const { name, owner, revokedAt } = revoked;
      process.stdout.write(
        `key ${id} (${name}, of ${owner}) is revoked since ${day(revokedAt)}; ` +
          `a gateway that has just seen it takes it for ${BELIEVED} more at most\n`,
      );
    });
}

/** Calls with the table of keys, on a connection of its own. */
async function withTable<T>(use: (table: KeyTable) => Promise<T>): Promise<T> {
  const { DATABASE_URL: connectionString = '' } = process.env;
  if (connectionString === '') {
    throw new UnavailableError(`DATABASE_URL is not set: it names the gateway's Postgres; example: ${EXAMPLE}`);
  }
  if (!/^postgres(ql)?:$/.test(URL.canParse(connectionString) ? new URL(connectionString).protocol : '')) {
    throw new UsageError(`DATABASE_URL: must be a URL that starts with postgres://; example: ${EXAMPLE}`);
  }
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'sluice-keys',
  });
  // A connection that breaks rejects what waits for it; the event beside it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use({
      query: async <Row extends object>(_lane: unknown, text: string, values: readonly unknown[]) =>
        (await client.query<Row>(text, [...values])).rows,
    });
  } catch (error) {
    throw explain(error as Error, connectionString);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SQLSTATE of a table, column or index that is not there: no gateway of this version has started on the database. */
const NO_TABLE = /^(42P01|42703)$/;

function explain(cause: Error & { code?: string }, connectionString: string): Error {
  const { host, pathname } = new URL(connectionString);
  if (cause instanceof DatabaseError && NO_TABLE.test(cause.code ?? '')) {
    const message = `the database ${pathname.slice(1)} at ${host} has no such tables; start a gateway on it once: it makes them`;
    return new UnavailableError(message, { cause });
  }
  // Several addresses of one name fail with several errors and no message of their own.
  const reason = cause.message === '' ? (cause.code ?? cause.name) : cause.message;
  return new UnavailableError(`the database at ${host} does not answer (${reason}); DATABASE_URL names it`, { cause });
}

function tableOfKeys(keys: readonly ApiKey[]): string {
  const head = ['ID', 'OWNER', 'NAME', 'TIER', 'CREATED', 'STATE'];
  const rows = keys.map((key) => [key.id, key.owner, key.name, key.tier ?? '-', day(key.createdAt), stateOf(key)]);
  return tableOf(head, rows);
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt) return `revoked ${day(revokedAt)}`;
  if (!expiresAt) return 'valid';
  return expiresAt > new Date() ? `valid until ${day(expiresAt)}` : `expired ${day(expiresAt)}`;
}

/** Every field of a key, null where it has none: JSON that a script can rely on. */
function stated({ id, owner, name, tier, createdAt, expiresAt, revokedAt }: ApiKey): Record<string, unknown> {
  return {
    id,
    owner,
    name,
    tier: tier ?? null,
    created_at: createdAt,
    expires_at: expiresAt ?? null,
    revoked_at: revokedAt ?? null,
  };
}

function day(date: Date | undefined): string {
  return date?.toISOString().slice(0, 10) ?? '';
}

function parseText(value: string): string {
  // Printed in a table, and Postgres keeps no U+0000.
  if (/^[^\p{Cc}\p{Cs}]{1,100}$/u.test(value) && value.trim() === value) return value;
  throw new InvalidArgumentError('It must have 1 to 100 characters, no control characters, no blanks at its ends.');
}

function parseId(value: string): string {
  if (/^[0-9a-f]{8}$/.test(value)) return value;
  throw new InvalidArgumentError('It must be eight hexadecimal digits, as `sluice keys list` shows them.');
}

function parseEnd(value: string): Date {
  const milliseconds = /^\d+(\.\d+)?(s|m|h|d)$/.test(value) ? toMilliseconds(value as Duration) : 0;
  const end = new Date(Date.now() + milliseconds);
  if (milliseconds > 0 && !Number.isNaN(end.getTime())) return end;
  throw new InvalidArgumentError('It must be a duration with its unit, such as 12h or 90d.');
}
