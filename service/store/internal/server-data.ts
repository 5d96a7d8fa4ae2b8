import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canReach, reachableFolder, type ServerAccount } from './server-account.ts';
import { moveInto, type ServerBinaries } from './server-binaries.ts';

/** The superuser of the embedded Postgres. */
export const SERVER_USER = 'sluice';

const PASSWORD_BYTES = 24;

/** The folder for data and password: the one asked for, or another one where the account cannot enter that. */
export async function findHome(
  account: ServerAccount,
  directory: string,
  log: (line: string) => void,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  if (canReach(account, directory)) return directory;
  const folder = await reachableFolder(account, 'data', directory);
  log(`only root can enter ${directory}: the data of Postgres is kept in ${folder}`);
  return folder;
}

/** The password of the superuser, made once; only the account can read it. */
export async function readPassword(account: ServerAccount, home: string): Promise<string> {
  const file = join(home, 'password');
  if (!existsSync(file)) {
    const draft = await mkdtemp(join(home, 'new-'));
    const written = join(draft, 'password');
    await writeFile(written, randomBytes(PASSWORD_BYTES).toString('base64url'), { mode: 0o600 });
    await giveTo(account, written);
    // A link is made whole or not at all: of two processes that start at once, one password counts.
    await link(written, file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
    await rm(draft, { recursive: true });
  }
  return readFile(file, 'utf8');
}

/** The data folder, made whole or not at all: an interrupted first start leaves none behind. */
export async function prepareData(account: ServerAccount, home: string, binaries: ServerBinaries): Promise<string> {
  const data = join(home, 'data');
  if (existsSync(data)) return data;
  const draft = await mkdtemp(join(home, 'new-'));
  await giveTo(account, draft);
  try {
    await promisify(execFile)(
      binaries.initdb,
      [
        `--pgdata=${draft}`,
        `--username=${SERVER_USER}`,
        `--pwfile=${join(home, 'password')}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        // The rules for letters come with Postgres, so that texts compare alike on every machine.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-sync',
        '--no-instructions',
      ],
      { ...account, cwd: home, env: binaries.environment },
    );
    await moveInto(draft, data);
    return data;
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    const { stderr } = cause as { stderr?: string };
    throw new Error(`Postgres could not make its data folder in ${home}: ${stderr?.trim() ?? String(cause)}`, {
      cause,
    });
  }
}

async function giveTo({ uid, gid }: ServerAccount, path: string): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}
