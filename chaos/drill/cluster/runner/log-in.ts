import type { Clock } from '../../clock.ts';
import { ask } from '../../local/ask.ts';

/** Where somebody logs in. */
export type LogInOptions = {
  readonly origin: string;
  readonly clock: Clock;
  /** Breaks it off. */
  readonly signal: AbortSignal;
};

/** Logging in is limited, and a drill of the minute before may have used that up. */
const PATIENCE_MS = 600_000;

/**
 * Logs users in one after the other, and waits where the gateway says so. Resolves with the tokens of their sessions.
 * Rejects when it answers anything else, when that takes more than ten minutes, and when it is broken off.
 */
export async function logIn(
  users: readonly { readonly username: string; readonly password: string }[],
  { origin, clock, signal }: LogInOptions,
): Promise<readonly string[]> {
  const until = clock.now() + PATIENCE_MS;
  const tokens: string[] = [];
  for (let user = users[0]; user; user = users[tokens.length]) {
    signal.throwIfAborted();
    const { status, headers, text } = await ask(`${origin}/login`, { body: user });
    if (status >= 200 && status < 300) {
      tokens.push((JSON.parse(text) as { readonly token: string }).token);
      continue;
    }
    const pause = Number(headers['retry-after'] ?? 1) * 1000;
    if (status !== 429 || clock.now() + pause > until)
      throw new Error(`${origin}/login answered ${status}: ${text.slice(0, 300)}`);
    await clock.wait(pause, signal);
  }
  return tokens;
}
