import { oldestSafeVersion, rollbackSafe, type SchemaStep } from '../../definition/index.ts';

/** A contract step that would hurt a version that may run, or a version that is too old for what was contracted. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
  readonly kind: 'older-run' | 'too-old';

  constructor(kind: MigrationRefused['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Throws a MigrationRefused when a version cannot run with what was contracted. */
export function refuseTooOld(version: string, contracted: readonly SchemaStep[]): void {
  if (rollbackSafe(version, contracted)) return;
  throw new MigrationRefused(
    'too-old',
    `version ${version} cannot run with this database: its schema is for ${oldestSafeVersion(contracted)} and later. ` +
      'Deploy such a version, or restore a backup from before.',
  );
}
