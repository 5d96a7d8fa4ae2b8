import { lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The account that Postgres runs under; empty for the account of this process. */
export type ServerAccount = { readonly uid?: number; readonly gid?: number };

/** `nobody` on every Linux of today. */
const NOBODY = 65_534;
const OTHERS_ENTER = 0o001;
const OTHERS_READ = 0o004;

/** Postgres refuses to run as root; as root it gets the account that owns nothing, so that no user is created. */
export function serverAccount(): ServerAccount {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

/** Whether the account can read what stands at a path: every folder above lets others in. */
export function canReach({ uid }: ServerAccount, path: string): boolean {
  if (uid === undefined) return true;
  const real = realpathSync(path);
  if (!(statSync(real).mode & OTHERS_READ)) return false;
  for (let folder = real; ; folder = dirname(folder)) {
    if (!(statSync(folder).mode & OTHERS_ENTER)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * A folder of root's own below the folder for temporary files, named by what it stands for: the same for every run.
 * Throws when somebody else made it, or when others cannot enter the folder for temporary files.
 */
export async function reachableFolder(account: ServerAccount, purpose: string, standsFor: string): Promise<string> {
  const hash = createHash('sha256').update(standsFor).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `sluice-postgres-${purpose}-${hash}`);
  mkdirSync(folder, { recursive: true });
  const status = lstatSync(folder);
  if (!status.isDirectory() || status.uid !== process.getuid?.()) {
    throw new Error(`${folder} belongs to somebody else: remove it, or set TMPDIR to another folder`);
  }
  await chmod(folder, 0o755);
  if (canReach(account, folder)) return folder;
  throw new Error(
    `Postgres cannot run as root, and other accounts cannot enter ${tmpdir()}: set TMPDIR to a folder that they can, or DATABASE_URL`,
  );
}
