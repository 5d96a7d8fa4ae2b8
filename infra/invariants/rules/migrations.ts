import type { Service } from '../../../service/definition/index.ts';
import { readHashes } from '../../../service/store/schema/hashes.ts';
import { parseStepFile, readStepFiles, type StepFile } from '../../../service/store/schema/step-files.ts';
import { stepProblems } from '../../../service/store/schema/step-problems.ts';
import type { Breach, Invariant } from '../finding.ts';

/**
 * The version that runs while a migration is applied, and the one that can be gone back to, work with what it makes.
 */
export const migrations: Invariant = {
  id: 'migrations',
  layers: ['rollout', 'gateway', 'Postgres'],
  reason:
    'In every rollout two versions share one schema, and after it a rollback must find one that it can work with. ' +
    'A step that takes away what either of them uses, or that locks a table for long, is an outage that no rollback ends.',
  formula:
    'migrations are numbered without a gap and as they were when they were written; each expands without breaking or ' +
    'blocking the version before it, or contracts and is safe from a version before the one that applies it',
  example: {
    edit: "a migration that begins with '-- Phase: expand' and drops a column of orders",
    breaches: (service) => {
      const files = readStepFiles();
      const number = String(files.length + 1).padStart(4, '0');
      const dropping = parseStepFile(
        `${number}_drop-item`,
        '-- Phase: expand\n\n-- Up Migration\n\nALTER TABLE orders DROP COLUMN item;\n',
      );
      const hashes = { ...readHashes(), [dropping.name]: dropping.hash };
      return breaches([...files, dropping], hashes, service);
    },
  },
  check: (service) => breaches(readStepFiles(), readHashes(), service),
};

function breaches(
  files: readonly StepFile[],
  hashes: Readonly<Record<string, string>>,
  { version }: Pick<Service, 'version'>,
): readonly Breach[] {
  return stepProblems(files, { hashes, version }).map(({ name, problem, fix }) => ({
    path: `migrations.${name}`,
    problem: `service/store/migrations/${name}.sql ${problem}`,
    fixes: [{ edit: fix }],
  }));
}
