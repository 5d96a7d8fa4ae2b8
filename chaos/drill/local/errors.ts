/** A server that a local drill cannot do without is not there; the message says which, and how to get it. */
export class MissingServerError extends Error {
  override readonly name = 'MissingServerError';
}

/** Another drill runs here: two would find each other's faults. */
export class DrillRunsError extends Error {
  override readonly name = 'DrillRunsError';
}
