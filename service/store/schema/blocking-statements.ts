import { partsOf, statementsOf } from './statements.ts';

/** A kind of statement that does not belong into an expand step. */
export type BlockingRow = {
  readonly id: string;
  readonly pattern: RegExp;
  /** Words that make it harmless; default none. */
  readonly unless?: RegExp;
  readonly problem: string;
  readonly fix: string;
};

/** A statement of an expand step that would break or block the version that runs. */
export type BlockingStatement = Pick<BlockingRow, 'id' | 'problem' | 'fix'> & { readonly statement: string };

const TO_CONTRACT = 'move it to a contract step, once no version that uses it can be rolled back to';
const NEW_BESIDE = 'add a new column beside it, write both, fill it, and drop the old one in a contract step';

/**
 * What an expand step must not have. Judged by words, statement by statement, and by the table's name only: it knows
 * neither how large a table is nor what the code reads, finds nothing in the text of functions, and takes quoted names
 * for others than plain ones.
 */
export const BLOCKING: readonly BlockingRow[] = [
  {
    id: 'drop-column',
    pattern: /\bDROP COLUMN\b/i,
    problem: 'the running version may use the column',
    fix: TO_CONTRACT,
  },
  {
    id: 'drop-object',
    pattern: /^(DROP (TABLE|VIEW|MATERIALIZED VIEW|TYPE|SCHEMA|FUNCTION|SEQUENCE)|TRUNCATE)\b/i,
    problem: 'the running version may use it',
    fix: TO_CONTRACT,
  },
  {
    id: 'rename',
    pattern: /^ALTER .*\bRENAME\b/i,
    problem: 'the running version knows the old name alone',
    fix: NEW_BESIDE,
  },
  {
    id: 'change-type',
    pattern: /\bALTER (COLUMN )?\S+ (SET DATA )?TYPE\b/i,
    problem:
      'it rewrites the table under a lock that keeps everyone out, and the running version may send the old type',
    fix: NEW_BESIDE,
  },
  {
    id: 'alter-type',
    pattern: /^ALTER TYPE\b/i,
    problem: 'the running version does not know the new values, and answers with them all the same',
    fix: 'use text with a CHECK (...) NOT VALID, or move it to a contract step',
  },
  {
    id: 'set-not-null',
    pattern: /\bSET NOT NULL\b/i,
    problem: 'the running version may still write NULL, and Postgres reads the whole table under a lock',
    fix: 'ADD CONSTRAINT ... CHECK (column IS NOT NULL) NOT VALID, fill the column, and set it in a contract step',
  },
  {
    id: 'add-required-column',
    pattern: /\bADD (COLUMN )?(IF NOT EXISTS )?(?!CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN)\S+ .*\bNOT NULL\b/i,
    unless: /\b(DEFAULT|GENERATED)\b/i,
    problem: 'the running version does not fill the column, so that its rows are refused',
    fix: 'give it a DEFAULT, or let it be NULL',
  },
  {
    id: 'add-constraint',
    pattern: /\bADD (CONSTRAINT \S+ )?(CHECK|FOREIGN KEY|UNIQUE|PRIMARY KEY|EXCLUDE)\b/i,
    unless: /\bNOT VALID\b|\bUSING INDEX\b/i,
    problem: 'Postgres reads the whole table under a lock that keeps writers out',
    fix: 'add it NOT VALID and VALIDATE CONSTRAINT in the next step; a UNIQUE one with CREATE UNIQUE INDEX CONCURRENTLY',
  },
  {
    id: 'create-index',
    pattern: /^CREATE (UNIQUE )?INDEX\b/i,
    unless: /\bCONCURRENTLY\b/i,
    problem: 'nobody can write to the table until the index is built',
    fix: 'CREATE INDEX CONCURRENTLY, alone in a step of its own',
  },
  {
    id: 'drop-index',
    pattern: /^DROP INDEX\b/i,
    unless: /\bCONCURRENTLY\b/i,
    problem: 'it keeps everyone out of the table while it waits for those who read it',
    fix: 'DROP INDEX CONCURRENTLY, alone in a step of its own',
  },
];

const NEW_TABLE = /^CREATE TABLE (?:IF NOT EXISTS )?(\S+?)(?: |\(|$)/i;
const TABLE_OF_STATEMENT =
  /^(?:ALTER TABLE (?:IF EXISTS )?(?:ONLY )?|CREATE (?:UNIQUE )?INDEX .*? ON (?:ONLY )?)([^\s(]+)/i;

/**
 * The statements of an expand step that break or block the version that runs; on tables that it makes itself none does.
 */
export function blockingStatements(sql: string): readonly BlockingStatement[] {
  const statements = statementsOf(sql);
  const made = new Set(statements.flatMap((statement) => NEW_TABLE.exec(statement)?.[1] ?? []));
  return statements
    .filter((statement) => !made.has(TABLE_OF_STATEMENT.exec(statement)?.[1] ?? ''))
    .flatMap((statement) =>
      BLOCKING.filter(({ pattern, unless }) =>
        partsOf(statement).some((part) => pattern.test(part) && !unless?.test(part)),
      ).map(({ id, problem, fix }) => ({ id, problem, fix, statement })),
    );
}
