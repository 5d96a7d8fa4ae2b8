/** Why a release may not be deployed again. */
export type Quarantine = {
  readonly reason: string;
  /** When, as an ISO 8601 time. */
  readonly at: string;
  /** Who: the guard or a person. */
  readonly by: string;
};

/** What stands under a release's id. What cannot be read is a quarantine all the same: whoever wrote it meant one. */
export function parseQuarantine(text: string): Quarantine {
  const unknown = { reason: text, at: 'unknown', by: 'unknown' };
  try {
    return { ...unknown, reason: 'no reason given', ...(JSON.parse(text) as Partial<Quarantine>) };
  } catch {
    return unknown;
  }
}
