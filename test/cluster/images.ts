import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
// What the Dockerfile copies, and the Dockerfile.
const SOURCES = ['service', 'alerts', 'chaos'];
const CONTEXT = ['Dockerfile', '.dockerignore', '.npmrc', 'package.json', 'package-lock.json', ...SOURCES];

const EXPORTERS = 'monitoring.exporters';

/**
 * Values of an environment whose pods start without a registry: where the cluster cannot have a public image, it has
 * Debian's packages of the same program. The other images of the definition are on its node under their own names.
 */
export const NODE_IMAGES: readonly string[] = [
  ...[`${EXPORTERS}.redis.image=exporters:bookworm`, `${EXPORTERS}.redis.command=/usr/bin/prometheus-redis-exporter`],
  `${EXPORTERS}.postgres.image=exporters:bookworm`,
  `${EXPORTERS}.postgres.command=/usr/bin/prometheus-postgres-exporter`,
];

/** The same for an environment with a pooler; any of its values makes one. */
export const POOLER_IMAGE = 'datastores.postgres.pooler.image=pgbouncer:bookworm';

/** An image that the cluster's node has. */
export type Image = { readonly repository: string; readonly digest: string };

/**
 * Builds the project's image with a commit of its own and loads it onto the node, with the command in
 * SLUICE_IMAGE_BUILD: it is called with a tag and a folder, and prints the image's name by digest. `change` may edit
 * what it is built from.
 */
export function buildImage(commit: string, change: (context: string) => void = () => undefined): Image {
  const context = mkdtempSync(join(tmpdir(), 'sluice-image-'));
  try {
    for (const path of CONTEXT) cpSync(join(PROJECT, path), join(context, path), { recursive: true });
    change(context);
    // A last line and no build argument: builders differ in how they take arguments, and in what they cache of them.
    appendFileSync(join(context, 'Dockerfile'), `ENV SLUICE_COMMIT=${commit}\n`);
    const [program = '', ...args] = (process.env.SLUICE_IMAGE_BUILD ?? '../shared/cluster/image build').split(' ');
    const output = execFileSync(program, [...args, `sluice-test:${commit}`, context], {
      cwd: PROJECT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [, repository, digest] = /^(\S+)@(sha256:[0-9a-f]{64})$/m.exec(output) ?? [];
    if (repository === undefined || digest === undefined) throw new Error(`no image by digest in: ${output}`);
    return { repository, digest };
  } finally {
    rmSync(context, { recursive: true });
  }
}
