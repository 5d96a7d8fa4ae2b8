import { Problem } from '../gateway/problem.ts';
import type { Reply } from '../gateway/reply.ts';
import type { UpstreamAnswer } from './ports.ts';

/** Largest answer that is held in memory: several times what the sample upstream sends. */
const MAX_BYTES = 4 * 2 ** 20;

/**
 * The upstream's answer, whole, with the headers of it that `keep` names. Throws the Problem `upstream-failed` for a
 * status of 500 and above, an answer that is too large or one that broke off; the signal's reason once that is aborted.
 */
export async function wholeReply(
  answer: UpstreamAnswer,
  signal: AbortSignal,
  keep: readonly string[] = [],
): Promise<Reply & { readonly body: Buffer }> {
  refuseFailure(answer);
  const headers = ['content-type', ...keep].flatMap((name) => {
    const value = answer.headers[name];
    return value === undefined ? [] : [name, value];
  });
  return { status: answer.status, headers, body: await readWhole(answer, signal) };
}

/** Throws the Problem `upstream-failed` for a status of 500 and above; the body is then read by nobody. */
export function refuseFailure({ status, body }: UpstreamAnswer): void {
  if (status < 500) return;
  body.discard();
  throw new Problem('upstream-failed', { detail: `The upstream answered ${status}.` });
}

async function readWhole({ body }: UpstreamAnswer, signal: AbortSignal): Promise<Buffer> {
  let whole: Buffer | undefined;
  try {
    whole = body.whole ?? (await body.collect(MAX_BYTES));
  } catch (cause) {
    signal.throwIfAborted();
    throw new Problem('upstream-failed', { detail: 'The upstream broke off.', cause });
  }
  if (whole === undefined || whole.length > MAX_BYTES)
    throw new Problem('upstream-failed', { detail: `The upstream's answer is larger than ${MAX_BYTES} bytes.` });
  return whole;
}
