import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Stand } from '../stand.ts';
import { ASKS, type AskContext, type AskRow } from './asks.ts';
import type { Failure, Try } from './request.ts';
import type { Arrival } from './schedule.ts';
import { CutError, type HttpAnswer, type HttpRequest, type Transport } from './transport.ts';

/** What requests are sent with. */
export type SenderOptions = {
  readonly context: AskContext;
  readonly credentials: Stand['credentials'];
  readonly transport: Transport;
  readonly clock: Clock;
};

/** One request, which may be tried more than once: each time with the same words and the same Idempotency-Key. */
export type Sending = { readonly attempt: () => Promise<Try> };

/**
 * How long a client waits for a whole answer, streams included: longer than the gateway waits for an attempt, so that it
 * is the gateway that gives up, and learns.
 */
const TIMEOUT_MS = 15_000;

/** How long it waits before it tries again where nobody says how long, and at most. */
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** Makes requests out of arrivals. */
export function createSender({ context, credentials, transport, clock }: SenderOptions): (arrival: Arrival) => Sending {
  const tried = async (request: HttpRequest, wrong: AskRow['wrong']): Promise<HttpAnswer | Failure> => {
    const over = new AbortController();
    const answered = new AbortController();
    void clock.wait(TIMEOUT_MS, answered.signal).then(() => over.abort());
    try {
      const answer = await transport.send(request, over.signal);
      return failureOf(answer, wrong) ?? answer;
    } catch (error) {
      return broken(over.signal.aborted ? 'timeout' : networkReason(error), error instanceof CutError);
    } finally {
      answered.abort();
    }
  };

  const requestOf = (row: AskRow, n: number, made: string, key: string): HttpRequest => {
    const { method, path } = requireRoute(row, context);
    const { query, body } = row.request(n, context, made);
    const text = body === undefined ? undefined : JSON.stringify(body);
    return {
      method,
      path: query ? `${path}?${new URLSearchParams(query).toString()}` : path,
      headers: {
        ...credentialOf(row, n, credentials),
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...(method !== 'GET' && { 'idempotency-key': key }),
      },
      ...(text !== undefined && { body: text }),
    };
  };

  return ({ ask, n }) => {
    const row = ASKS[ask];
    const key = randomUUID();
    const attempt = async (): Promise<HttpAnswer | Failure> => {
      let made = '';
      if (row.after !== undefined) {
        const before = await tried(requestOf(ASKS[row.after], n, '', `${key}-${row.after}`), undefined);
        if ('reason' in before) return { ...before, reason: `${row.after}: ${before.reason}` };
        const id = fieldOf(before.body, 'id');
        if (id === undefined) return broken(`${row.after}: no id`, true);
        made = id;
      }
      return tried(requestOf(row, n, made, key), row.wrong);
    };
    return {
      async attempt() {
        const from = clock.now();
        const result = await attempt();
        const endedAt = clock.now();
        const seconds = (endedAt - from) / 1000;
        return 'reason' in result ? { endedAt, seconds, failure: result } : { endedAt, seconds };
      },
    };
  };
}

function requireRoute({ route }: AskRow, { service }: AskContext): { readonly method: string; readonly path: string } {
  const found = service.routes[route];
  if (!found) throw new Error(`the definition has no route '${route}', which the load asks for`);
  return found;
}

function credentialOf(
  { as }: AskRow,
  n: number,
  { key, sessions }: Stand['credentials'],
): Readonly<Record<string, string>> {
  const shown = { key, session: sessions[n % sessions.length], nobody: undefined }[as];
  return shown === undefined ? {} : { authorization: `Bearer ${shown}` };
}

function failureOf(answer: HttpAnswer, wrong: AskRow['wrong']): Failure | undefined {
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) {
    const reason = wrong?.(answer);
    return reason === undefined ? undefined : broken(reason, true);
  }
  // The stable code of a problem.
  const code = fieldOf(body, 'code');
  return {
    reason: code === undefined ? String(status) : `${status} ${code}`,
    again: status >= 500 || status === 429,
    pause: pauseOf(headers['retry-after']),
    // Declared shedding is refused for want of room: the objective counts it on neither side.
    bad: status >= 500 && code !== 'overloaded',
  };
}

function broken(reason: string, bad: boolean): Failure {
  return { reason, again: true, pause: PAUSE_MS, bad };
}

function networkReason(error: unknown): string {
  if (error instanceof CutError) return 'cut';
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

/** A field of an answer in JSON. */
function fieldOf(body: string, name: string): string | undefined {
  try {
    const value = (JSON.parse(body) as Readonly<Record<string, unknown>> | null)?.[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    // Whoever is not the gateway answers as it likes.
    return undefined;
  }
}

function pauseOf(retryAfter: HttpAnswer['headers'][string]): number {
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && Number.isFinite(seconds) ? Math.min(seconds * 1000, LONGEST_PAUSE_MS) : PAUSE_MS;
}
