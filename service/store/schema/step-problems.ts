import { compareVersions } from '../../definition/index.ts';
import { BLOCKING, blockingStatements } from './blocking-statements.ts';
import { statementsOf } from './statements.ts';
import type { StepFile } from './step-files.ts';

/** What is wrong with a migration and how it is mended. */
export type StepProblem = { readonly name: string; readonly problem: string; readonly fix: string };

/** What migrations are held to. */
export type StepRules = {
  /** Of every migration as it was when it was written, by name. */
  readonly hashes: Readonly<Record<string, string>>;
  /** The version of the service that the migrations are released with. */
  readonly version: string;
};

type Rule = (file: StepFile, index: number, rules: StepRules) => readonly (readonly [problem: string, fix: string])[];

const BLOCKING_IDS = BLOCKING.map(({ id }) => id);

const NAME = /^\d{4}_[a-z0-9]+(-[a-z0-9]+)*$/;

const RULES: readonly Rule[] = [
  ({ name }, index) => {
    const wanted = String(index + 1).padStart(4, '0');
    if (NAME.test(name) && name.startsWith(wanted)) return [];
    return [
      [
        `is number ${index + 1} in order, so its name must begin with ${wanted}_ and go on in small letters`,
        `rename it to ${wanted}_${name.replace(/^\d*_*/, '') || 'what-it-does'}.sql, unless it was released`,
      ],
    ];
  },
  ({ step }) =>
    step
      ? []
      : [
          [
            'does not say in its first line whether the version that runs still works after it',
            "begin it with '-- Phase: expand', or '-- Phase: contract, safe from 1.2.3' with the oldest version that works",
          ],
        ],
  ({ sql }) => (statementsOf(sql).length > 0 ? [] : [['has no statement', "write it below a line '-- Up Migration'"]]),
  ({ name, hash }, _index, { hashes }) => {
    const kept = hashes[name];
    if (kept === hash) return [];
    return kept === undefined
      ? [['has no hash, so that a later edit would go unseen', 'npm run generate']]
      : [
          [
            'was edited after its hash was kept; databases that have applied it would differ from new ones',
            `take the edit back and add a migration; while nobody has applied it, take '${name}' out of hashes.json and npm run generate`,
          ],
        ];
  },
  // The pods that run while it is applied are of the version before this one.
  ({ step }, _index, { version }) =>
    step?.phase === 'contract' && compareVersions(step.safeFrom, version) >= 0
      ? [
          [
            `is safe from ${step.safeFrom}, and version ${version} would apply it while older ones serve`,
            `release it with a version after ${step.safeFrom}`,
          ],
        ]
      : [],
  ({ sql, inTransaction }) =>
    inTransaction || statementsOf(sql).length === 1
      ? []
      : [
          [
            'has other statements beside CONCURRENTLY, which runs outside a transaction, so that half of it could be done',
            'give it a step of its own',
          ],
        ],
  ({ step, sql, accepts }) =>
    step?.phase === 'expand'
      ? blockingStatements(sql)
          .filter(({ id }) => !accepts.includes(id))
          .map(({ id, statement, problem, fix }) => [
            `expands with '${shortened(statement)}': ${problem}`,
            `${fix}; or '-- Accepts ${id}: why nobody is hurt'`,
          ])
      : [],
  ({ accepts }) =>
    accepts
      .filter((id) => !BLOCKING_IDS.includes(id))
      .map((id) => [`accepts '${id}', which is no rule`, `rules are ${BLOCKING_IDS.join(', ')}`]),
];

/** Everything that is wrong with a folder of migrations, file by file; empty when all is well. */
export function stepProblems(files: readonly StepFile[], rules: StepRules): readonly StepProblem[] {
  const found = files.flatMap((file, index) =>
    RULES.flatMap((rule) => rule(file, index, rules)).map(([problem, fix]) => ({ name: file.name, problem, fix })),
  );
  const names = new Set(files.map(({ name }) => name));
  const gone = Object.keys(rules.hashes).filter((name) => !names.has(name));
  return [
    ...found,
    ...gone.map((name) => ({
      name,
      problem: 'is gone, and databases that have applied it refuse every other',
      fix: 'bring it back; while nobody has applied it, take it out of hashes.json',
    })),
  ];
}

function shortened(statement: string): string {
  return statement.length > 60 ? `${statement.slice(0, 57)}...` : statement;
}
