import { describe, expect, test } from '@jest/globals';
import { definition } from '../../../service/definition/index.ts';
import { blockingStatements } from '../../../service/store/schema/blocking-statements.ts';
import { completedHashes, readHashes } from '../../../service/store/schema/hashes.ts';
import { parseStepFile, readStepFiles, type StepFile } from '../../../service/store/schema/step-files.ts';
import { stepProblems } from '../../../service/store/schema/step-problems.ts';

const version = '0.4.0';

function step(name: string, sql: string, head = '-- Phase: expand'): StepFile {
  return parseStepFile(name, `${head}\n\n-- Up Migration\n\n${sql}\n\n-- Down Migration\n\nDROP TABLE never;\n`);
}

/** Problems of migrations whose hashes are kept. */
function problemsOf(...files: StepFile[]): string[] {
  return stepProblems(files, { version, hashes: completedHashes({}, files) }).map(
    ({ name, problem }) => `${name} ${problem}`,
  );
}

const FIRST = step('0001_orders', 'CREATE TABLE orders (id uuid PRIMARY KEY);');

describe('migrations', () => {
  test('of the service have nothing wrong', () => {
    const { version: current } = definition.dev;
    expect(stepProblems(readStepFiles(), { version: current, hashes: readHashes() })).toEqual([]);
  });

  test('that say what they are pass', () => {
    const contract = step('0002_drop', 'ALTER TABLE orders DROP COLUMN note;', '-- Phase: contract, safe from 0.3.0');

    expect(contract.step).toEqual({ name: '0002_drop', phase: 'contract', safeFrom: '0.3.0' });
    expect(problemsOf(FIRST, contract)).toEqual([]);
  });

  test.each([
    ['no phase', '-- something else'],
    ['a phase of its own making', '-- Phase: shrink'],
    ['no version to be safe from', '-- Phase: contract'],
    ['a version that is none', '-- Phase: contract, safe from soon'],
  ])('with %s are refused', (_title, head) => {
    expect(problemsOf(step('0001_orders', 'SELECT 1;', head))).toEqual([
      '0001_orders does not say in its first line whether the version that runs still works after it',
    ]);
  });

  test.each([
    ['a gap in their numbers', ['0001_a', '0003_c'], /^0003_c is number 2/],
    ['a number twice', ['0001_a', '0001_b'], /^0001_b is number 2/],
    ['a name without a number', ['orders'], /^orders is number 1/],
    ['capital letters', ['0001_Orders'], /^0001_Orders is number 1/],
  ])('with %s are refused', (_title, names, problem) => {
    expect(problemsOf(...names.map((name) => step(name, 'SELECT 1;')))).toEqual([expect.stringMatching(problem)]);
  });

  test('that do nothing are refused', () => {
    expect(problemsOf(parseStepFile('0001_orders', '-- Phase: expand\nCREATE TABLE orders (id uuid);'))).toEqual([
      '0001_orders has no statement',
    ]);
  });

  test('that were edited, came without a hash or went are refused', () => {
    const edited = step('0001_orders', 'CREATE TABLE orders (id bigint PRIMARY KEY);');
    const added = step('0002_notes', 'ALTER TABLE orders ADD COLUMN note text;');
    const hashes = { ...completedHashes({}, [FIRST]), '0003_gone': 'x' };

    expect(stepProblems([edited, added], { version, hashes }).map(({ problem }) => problem)).toEqual([
      expect.stringMatching(/^was edited/),
      expect.stringMatching(/^has no hash/),
      expect.stringMatching(/^is gone/),
    ]);
    // What writes the hashes does not make an edit good.
    expect(completedHashes(hashes, [edited, added])).toEqual({ ...hashes, '0002_notes': added.hash });
  });

  test('have the same hash with either kind of line ends', () => {
    const text = '-- Phase: expand\n-- Up Migration\nSELECT 1;\n';

    expect(parseStepFile('a', text.replaceAll('\n', '\r\n'))).toEqual(parseStepFile('a', text));
  });

  test.each(['0.4.0', '0.5.0'])('that contract from %s are refused with version 0.4.0', (safeFrom) => {
    const contract = step('0002_drop', 'DROP TABLE orders;', `-- Phase: contract, safe from ${safeFrom}`);

    expect(problemsOf(FIRST, contract)).toEqual([
      `0002_drop is safe from ${safeFrom}, and version 0.4.0 would apply it while older ones serve`,
    ]);
  });

  test('that run outside a transaction have one statement', () => {
    const alone = 'CREATE INDEX CONCURRENTLY by_item ON orders (item);';

    expect(problemsOf(FIRST, step('0002_index', alone))).toEqual([]);
    expect(problemsOf(FIRST, step('0002_index', `${alone} SELECT 1;`))).toEqual([
      expect.stringContaining('has other statements beside CONCURRENTLY'),
    ]);
  });

  test('may accept what blocks, with a reason and by its name', () => {
    const index = 'CREATE INDEX by_item ON orders (item);';
    const head = (accepted: string) => `-- Phase: expand\n-- Accepts ${accepted}`;

    expect(problemsOf(FIRST, step('0002_index', index, head('create-index: it is empty')))).toEqual([]);
    expect(problemsOf(FIRST, step('0002_index', index, head('create-index:')))).toHaveLength(1);
    expect(problemsOf(FIRST, step('0002_index', index, head('indexes: it is empty')))).toEqual([
      expect.stringContaining('expands with'),
      expect.stringContaining("accepts 'indexes', which is no rule"),
    ]);
  });
});

describe('an expand step', () => {
  test.each([
    ['drop-column', 'ALTER TABLE orders DROP COLUMN note'],
    ['drop-column', 'alter table orders add column a text, drop column b'],
    ['drop-object', 'DROP TABLE orders'],
    ['drop-object', 'TRUNCATE orders'],
    ['rename', 'ALTER TABLE orders RENAME COLUMN note TO remark'],
    ['rename', 'ALTER TABLE orders RENAME TO purchases'],
    ['change-type', 'ALTER TABLE orders ALTER COLUMN quantity TYPE bigint'],
    ['change-type', 'ALTER TABLE orders ALTER quantity SET DATA TYPE bigint'],
    ['alter-type', "ALTER TYPE state ADD VALUE 'lost'"],
    ['set-not-null', 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL'],
    ['add-required-column', 'ALTER TABLE orders ADD COLUMN note text NOT NULL'],
    ['add-required-column', "ALTER TABLE orders ADD COLUMN a text DEFAULT 'x', ADD COLUMN note text NOT NULL"],
    ['add-constraint', 'ALTER TABLE orders ADD CONSTRAINT positive CHECK (quantity > 0)'],
    ['add-constraint', 'ALTER TABLE orders ADD FOREIGN KEY (owner) REFERENCES users (id)'],
    ['create-index', 'CREATE INDEX by_item ON orders (item)'],
    ['create-index', 'CREATE UNIQUE INDEX by_item ON orders (item)'],
    ['drop-index', 'DROP INDEX by_item'],
  ])('must not %s: %s', (id, statement) => {
    expect(blockingStatements(`${statement};`).map((found) => found.id)).toEqual([id]);
  });

  test.each([
    'ALTER TABLE orders ADD COLUMN note text',
    "ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT ''",
    'ALTER TABLE orders ADD CONSTRAINT positive CHECK (quantity > 0) NOT VALID',
    'ALTER TABLE orders VALIDATE CONSTRAINT positive',
    'ALTER TABLE orders ADD CONSTRAINT one UNIQUE USING INDEX by_item',
    'CREATE INDEX CONCURRENTLY by_item ON orders (item)',
    'CREATE TABLE notes (id uuid NOT NULL, UNIQUE (id)); CREATE INDEX notes_by_id ON notes (id)',
    'CREATE TABLE notes (id uuid); ALTER TABLE notes ALTER COLUMN id SET NOT NULL',
    "INSERT INTO words VALUES ('; DROP TABLE orders')",
    '-- DROP TABLE orders\nSELECT 1 /* ; TRUNCATE orders */',
    'CREATE FUNCTION f() RETURNS void AS $body$ BEGIN; DROP TABLE orders; END $body$ LANGUAGE plpgsql',
  ])('may %s', (sql) => {
    expect(blockingStatements(sql)).toEqual([]);
  });
});
