/** Why a step failed, in a word: the code of what was thrown, else its kind. Never its message, which may hold values. */
export function failureOf(thrown: unknown): string {
  const { code, name } = (thrown ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
}

/** Whether an answer broke off after its status was sent: it has failed, whatever that says. */
export function brokeOff(status: number, error: unknown): boolean {
  return error !== undefined && status < 400;
}
