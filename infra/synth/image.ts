import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Service } from '../../service/definition/index.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const LENGTH = 7;

/**
 * The commit that the project stands at, 7 characters: SLUICE_COMMIT, else what git says; undefined when neither does.
 * Throws when SLUICE_COMMIT is no commit.
 */
export function findCommit(variables: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const given = variables.SLUICE_COMMIT;
  if (given !== undefined && given !== '') {
    if (/^[0-9a-f]{7,64}$/.test(given)) return given.slice(0, LENGTH);
    throw new Error(`SLUICE_COMMIT is '${given}', must be a commit of at least 7 hexadecimal digits, such as 8c1f1af`);
  }
  try {
    const head = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: PROJECT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return head.slice(0, LENGTH);
  } catch {
    // No git, no repository or no commit yet: the version alone then names the image.
    return undefined;
  }
}

/** The image to run: by digest where the definition has one, else by version and commit. */
export function imageReference({ image, version }: Pick<Service, 'image' | 'version'>, commit?: string): string {
  if (image.digest !== undefined) return `${image.repository}@${image.digest}`;
  return `${image.repository}:${commit === undefined ? version : `${version}-${commit}`}`;
}
