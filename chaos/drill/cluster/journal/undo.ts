/**
 * How one change is put back. Each may be done again, and does nothing where the change is not there any more: what
 * others have set since then is theirs.
 */
export type Undo =
  /** The requests of a Service go where they went, and the fault proxy with what was made for it goes. */
  | {
      readonly kind: 'proxy';
      readonly pod: string;
      /** Services that were made for it. */
      readonly services: readonly string[];
      /** Whose requests it gets; absent: nobody's were turned. */
      readonly turned?: { readonly service: string; readonly selector: Readonly<Record<string, string>> };
    }
  /** A workload has as many pods as before. */
  | {
      readonly kind: 'replicas';
      readonly workload: 'Deployment' | 'StatefulSet';
      readonly name: string;
      readonly from: number;
      readonly to: number;
    }
  /** The gateway has the configuration of before, if the guard has not seen to that. */
  | { readonly kind: 'configuration'; readonly good: string; readonly bad: string }
  /** An object that was made goes, and it is waited for. */
  | { readonly kind: 'object'; readonly apiVersion: string; readonly of: string; readonly name: string };

/** The kinds of it. */
export const UNDO_KINDS = ['proxy', 'replicas', 'configuration', 'object'] as const satisfies readonly Undo['kind'][];
