import { ClusterError, type ClusterProblem } from '../../../alerts/rollback/cluster/errors.ts';
import type { Candidate, Obstacle, Precondition } from './precondition.ts';
import { PRECONDITIONS } from './table.ts';

/** An obstacle with the precondition that it is about. */
export type Finding = Obstacle & { readonly precondition: string };

/** What was found out about a cluster before a deploy. */
export type Preflight = {
  readonly findings: readonly Finding[];
  /** Preconditions that could not be looked at, such as those that RBAC hides, each with its reason. */
  readonly unknown: readonly { readonly precondition: string; readonly reason: string }[];
};

/** A cluster that an environment cannot be deployed to as it is; the message has every obstacle. */
export class PreflightError extends Error {
  override readonly name = 'PreflightError';
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(`the cluster is not ready for this, so nothing was changed\n${formatObstacles(findings).join('\n')}`);
    this.findings = findings;
  }
}

/** Whether the API server can be read at all decides over every row. */
const FATAL: readonly ClusterProblem[] = ['unreachable', 'untrusted', 'unauthorized'];

/** Looks at every precondition. Throws a ClusterError when the cluster does not answer or does not know the user. */
export async function preflight(
  candidate: Candidate,
  rows: readonly Precondition[] = PRECONDITIONS,
): Promise<Preflight> {
  // One call first: a cluster that does not answer is told once, and after one wait.
  await candidate.reader.version();
  const results = await Promise.all(rows.map((row) => look(row, candidate)));
  return { findings: results.flatMap(({ findings }) => findings), unknown: results.flatMap(({ unknown }) => unknown) };
}

/** Each obstacle and its fix, a line each. */
export function formatObstacles(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ precondition, problem, fix }) => [`  ${precondition}: ${problem}`, `    fix: ${fix}`]);
}

async function look({ id, inspect }: Precondition, candidate: Candidate): Promise<Preflight> {
  try {
    const obstacles = await inspect(candidate);
    return { findings: obstacles.map((obstacle) => ({ precondition: id, ...obstacle })), unknown: [] };
  } catch (error) {
    if (!(error instanceof ClusterError) || FATAL.includes(error.problem)) throw error;
    return { findings: [], unknown: [{ precondition: id, reason: error.message }] };
  }
}
