/** What `sluice` tells the program of one run, beside the stack's configuration. */
export type RunValues = {
  /** Values of the definition, each as `path=value`; they count after those of the stack. */
  readonly set: readonly string[];
  /** Whether somebody else follows the pods until they are Ready, so that Pulumi need not wait. */
  readonly isFollowed: boolean;
};

type Variables = Readonly<Record<string, string | undefined>>;

/** The variables in which a run is told. */
export function toVariables({ set, isFollowed }: RunValues): Record<string, string> {
  return { SLUICE_SET: JSON.stringify(set), SLUICE_FOLLOWED: String(isFollowed) };
}

/** Reads them; without any it is a run of Pulumi alone. */
export function readRunValues({ SLUICE_SET = '[]', SLUICE_FOLLOWED }: Variables = process.env): RunValues {
  return { set: JSON.parse(SLUICE_SET) as readonly string[], isFollowed: SLUICE_FOLLOWED === 'true' };
}
