import type { FieldChange } from '../diff/index.ts';
import type { EnvironmentName } from '../../service/definition/index.ts';

/** What becomes of one object. */
export type PlannedChange = {
  /** `forget`: no longer looked after; it stays on the cluster until its namespace goes. */
  readonly change: 'create' | 'update' | 'replace' | 'delete' | 'forget';
  readonly kind: string;
  readonly name: string;
  /** What differs: `left` is to be, `right` is now. Of a Secret there are paths, and never values. */
  readonly fields: readonly FieldChange[];
};

/** Everything that a run would change. */
export type Plan = { readonly changes: readonly PlannedChange[]; readonly unchanged: number };

/** What is told while a run is under way. */
export type DeployEvent =
  | {
      readonly type: 'object';
      readonly state: 'done' | 'failed';
      readonly change: PlannedChange['change'];
      readonly kind: string;
      readonly name: string;
    }
  | { readonly type: 'message'; readonly severity: 'info' | 'warning' | 'error'; readonly text: string };

/** What a run is about. */
export type DeployRun = {
  /** The environment; it is also the stack's name. */
  readonly environment: EnvironmentName;
  /** Values of the definition for this run beside those of the stack, each as `path=value`. */
  readonly set: readonly string[];
  /** A kubeconfig file for this run; absent: as the stack and KUBECONFIG say. */
  readonly kubeconfig?: string;
  /**
   * Whether a preview or an `up` looks at the cluster first, and compares with what runs. Default: it compares with what
   * was deployed last, whatever runs.
   */
  readonly refresh?: boolean;
  /** Aborts when what runs is to stop after the objects that are under way; what is done stays. */
  readonly stop?: AbortSignal;
  readonly onEvent: (event: DeployEvent) => void;
};

/**
 * What deploys an environment and remembers what it deployed. Previews change nothing. Calls throw a DeployError when
 * the program or the cluster refuses.
 */
export type Deployer = {
  readonly preview: (run: DeployRun) => Promise<Plan>;
  readonly up: (run: DeployRun) => Promise<void>;
  /** Takes what runs as what was deployed last, so that the next `up` sees what somebody changed. */
  readonly refresh: (run: DeployRun) => Promise<void>;
  readonly previewDestroy: (run: DeployRun) => Promise<Plan>;
  readonly destroy: (run: DeployRun) => Promise<void>;
  /** An output of another stack. */
  readonly output: (stack: string, name: string) => Promise<unknown>;
};

/** A run that was refused or failed; the message says why and what to do. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
}
