import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { GuardConfig } from './config.ts';
import { send } from './send.ts';

/** What the guard says past Prometheus and Alertmanager. */
export type Message = {
  /** `ReleaseDecision`: how it ended with a release; `GuardBlind`: what it depends on is silent; `GuardLeaderless`. */
  readonly name: 'ReleaseDecision' | 'GuardBlind' | 'GuardLeaderless';
  readonly severity: 'page' | 'ticket' | 'none';
  /** What tells this one from others of its name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly status: 'firing' | 'resolved';
  /** Constant. */
  readonly summary: string;
  /** In a sentence, with values. */
  readonly description: string;
  /** In milliseconds since 1970. */
  readonly startsAt: number;
};

/** Who is told, and what comes of it. */
export type TellerOptions = Pick<GuardConfig, 'name' | 'namespace' | 'receiver'> & {
  /** Told why a message did not arrive, once all tries are over. */
  readonly onFailure: (error: Error) => void;
  /** In milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after some milliseconds. */
  readonly wait: (milliseconds: number) => Promise<unknown>;
};

/** Tells the receiver, and resolves with whether it has the message once that is known; never rejects. */
export type Teller = (message: Message) => Promise<boolean>;

/** Milliseconds after which whoever owes a message that did not arrive tells it again. */
export const TOLD_AGAIN = 30_000;

// Milliseconds before each try.
const TRIES = [0, 1_000, 4_000] as const;
const TIMEOUT = 5_000;
// Told at once; more say the same.
const MAX_UNDER_WAY = 8;
const NO_END = '0001-01-01T00:00:00Z';

/** Tells the guard's own receiver, in the form that Alertmanager tells it. Without a receiver every message has arrived. */
export function createTeller({ name, namespace, receiver, onFailure, now, wait }: TellerOptions): Teller {
  if (!receiver) return () => Promise.resolve(true);
  let underWay = 0;
  const tryOnce = async (body: string): Promise<void> => {
    // Read each time: whoever changes a Secret does not start the guard anew.
    const url = receiver.url ?? readFileSync(receiver.urlFile ?? '', 'utf8').trim();
    const token = receiver.tokenFile === undefined ? undefined : readFileSync(receiver.tokenFile, 'utf8').trim();
    const headers = {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const { status } = await send({ url, method: 'POST', headers, body, timeout: TIMEOUT });
    if (status < 200 || status > 299) throw new Error(`the receiver answered with status ${status}`);
  };
  return async (message) => {
    if (underWay >= MAX_UNDER_WAY) {
      onFailure(new Error(`${underWay} messages are under way, and ${message.name} is left out`));
      return false;
    }
    underWay++;
    const body = JSON.stringify(notificationOf(message, { service: name, namespace }, now()));
    let failure: unknown;
    for (const pause of TRIES) {
      await wait(pause);
      failure = await tryOnce(body).then(() => undefined, asError);
      if (failure === undefined) break;
    }
    underWay--;
    if (failure !== undefined) onFailure(failure as Error);
    return failure === undefined;
  };
}

/** A message as version 4 of Alertmanager's webhook has it. */
function notificationOf(message: Message, common: Readonly<Record<string, string>>, at: number): object {
  const { name, severity, status, summary, description, startsAt } = message;
  const labels = { alertname: name, ...common, severity, ...message.labels };
  const annotations = { summary, description };
  const fingerprint = createHash('sha256').update(JSON.stringify(labels)).digest('hex').slice(0, 16);
  return {
    version: '4',
    groupKey: `guard:${fingerprint}`,
    truncatedAlerts: 0,
    status,
    receiver: 'guard',
    groupLabels: { alertname: name },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: '',
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: new Date(startsAt).toISOString(),
        endsAt: status === 'resolved' ? new Date(at).toISOString() : NO_END,
        generatorURL: '',
        fingerprint,
      },
    ],
  };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
