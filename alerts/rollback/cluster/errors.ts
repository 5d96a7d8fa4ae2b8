/** Why a cluster cannot be read. */
export type ClusterProblem =
  | 'no kubeconfig'
  | 'wrong kubeconfig'
  | 'unreachable'
  | 'untrusted'
  | 'unauthorized'
  | 'forbidden'
  | 'no namespace'
  | 'failed';

/** A cluster that cannot be read; the message says why, and what to do. */
export class ClusterError extends Error {
  override readonly name: 'ClusterError' | 'KubeconfigError';
  readonly problem: ClusterProblem;

  constructor(problem: ClusterProblem, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = problem === 'wrong kubeconfig' ? 'KubeconfigError' : 'ClusterError';
    this.problem = problem;
  }
}
