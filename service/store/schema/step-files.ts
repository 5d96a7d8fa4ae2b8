import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SchemaStep } from '../../definition/index.ts';
import { statementsOf } from './statements.ts';

/** A file of `migrations` as it was read. */
export type StepFile = {
  /** Without its ending, as the table of applied ones names it: `0004_order-notes`. */
  readonly name: string;
  /** What the file says of itself; undefined where it says nothing that can be read. */
  readonly step: SchemaStep | undefined;
  /** Rules of the lint that it does not keep, knowing why. */
  readonly accepts: readonly string[];
  /** What runs to apply it. */
  readonly sql: string;
  /** Postgres refuses CONCURRENTLY inside a transaction. */
  readonly inTransaction: boolean;
  /** SHA-256 of the text in hexadecimal, the same for both kinds of line ends. */
  readonly hash: string;
};

/** Folder of the service's own migrations. */
export const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

const UP = /^--\s*Up Migration\s*$/im;
const DOWN = /^--\s*Down Migration\s*$/im;
const PHASE = /^-- Phase: (?:(expand)|contract, safe from (\d+\.\d+\.\d+(?:-[\w.]+)?))$/;
const ACCEPTS = /^-- Accepts ([\w-]+): \S/gm;

/** Every file of a folder of migrations, in the order in which they are applied. */
export function readStepFiles(folder: string = MIGRATIONS): readonly StepFile[] {
  return readdirSync(folder)
    .filter((file) => !file.startsWith('.'))
    .sort()
    .map((file) => parseStepFile(basename(file, '.sql'), readFileSync(join(folder, file), 'utf8')));
}

/**
 * Reads one migration: the first line is `-- Phase: expand` or `-- Phase: contract, safe from 0.3.0`; what runs stands
 * between `-- Up Migration` and `-- Down Migration`.
 */
export function parseStepFile(name: string, content: string): StepFile {
  const text = content.replaceAll('\r\n', '\n');
  const [first = ''] = text.split('\n');
  const [, expand, safeFrom] = PHASE.exec(first) ?? [];
  const sql = (text.split(UP)[1] ?? '').split(DOWN)[0] ?? '';
  return {
    name,
    step: expand
      ? { name, phase: 'expand' }
      : safeFrom === undefined
        ? undefined
        : { name, phase: 'contract', safeFrom },
    accepts: [...text.matchAll(ACCEPTS)].map(([, id = '']) => id),
    sql,
    inTransaction: !statementsOf(sql).some((statement) => /\bCONCURRENTLY\b/i.test(statement)),
    hash: createHash('sha256').update(text).digest('hex'),
  };
}

/**
 * What the files say of themselves. Throws when one says nothing that can be read; `sluice check` tells how to mend it.
 */
export function requireSteps(files: readonly StepFile[]): readonly SchemaStep[] {
  return files.map(({ name, step }) => {
    if (!step) throw new Error(`migration ${name} does not begin with its phase; run sluice check`);
    return step;
  });
}
