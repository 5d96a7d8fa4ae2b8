import { createHash } from 'node:crypto';
import type { AnswerCache, Worth } from '../cache/index.ts';
import { toMilliseconds, type AiSettings } from '../definition/index.ts';
import type { Caller } from '../gateway/exchange.ts';
import type { Relay } from '../gateway/relay.ts';
import type { Reply } from '../gateway/reply.ts';
import { METRICS } from '../telemetry/catalogue.ts';
import type { Cells } from '../telemetry/cells.ts';
import { eventsFromWhole, isComplete, mayStream, wholeFromEvents } from './completion-form.ts';

/** Answers of chats that are kept for whoever asked. */
export type KeptAnswers = {
  /** The place of a question's answer; undefined for one whose answer is not kept. */
  placeOf(question: KeptQuestion): KeptAnswer | undefined;
};

/** A question to a chat. */
export type KeptQuestion = {
  readonly caller: Caller;
  readonly model: string;
  readonly body: unknown;
  readonly stream: boolean;
  readonly wantsUsage: boolean;
};

/** The place of one answer. */
export type KeptAnswer = {
  /** The answer in the form that is asked for, where one is kept; undefined, and never a failure, else. */
  find(): Promise<Reply | undefined>;
  /** Keeps an answer that has come whole, if it is a complete one. */
  keep(answer: Buffer): void;
  /** Keeps an answer that comes as a stream, once it has come to its end. To be called before somebody takes it. */
  keepStream(answer: Relay): void;
};

/** What they are kept in. */
export type KeptAnswersOptions = {
  readonly settings: NonNullable<AiSettings['cache']>;
  readonly cache: Pick<AnswerCache, 'tiers' | 'policy'>;
  readonly cells: Cells;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** Fields that change how an answer is told, or whom its provider takes for its asker, and not what it says. */
const WITHOUT_MEANING: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'user',
  'metadata',
  'store',
]);
/** Streams have a frame around each word: so many times the bytes of the whole answer, at the most that is usual. */
const STREAMED = 20;
const isFresh = (worth: Worth): boolean => worth === 'fresh' || worth === 'early';

/**
 * Keeps answers by the exact question, for each tenant apart: whoever owns the key, or the address where there is none.
 * A question that is answered differently each time (a temperature above 0, or none, which is 1) is kept only where the
 * settings say that any of its answers will do.
 */
export function createKeptAnswers({
  settings,
  cache: { tiers, policy },
  cells,
  now = Date.now,
}: KeptAnswersOptions): KeptAnswers {
  const lifetimeMs = toMilliseconds(settings.lifetime);
  const hit = cells.counter(METRICS.aiCacheLookups, { result: 'hit' });
  const miss = cells.counter(METRICS.aiCacheLookups, { result: 'miss' });
  return {
    placeOf({ caller, model, body, stream, wantsUsage }) {
      const asked = body as Readonly<Record<string, unknown>>;
      if (caller.kind === 'probe' || (asked.temperature !== 0 && !settings.sampled)) return undefined;
      const key = keyOf(caller, model, asked);
      const askedAt = now();
      const keep = (answer: Buffer): void => {
        if (!isComplete(parsed(answer))) return;
        const facts = { lifetimeMs, tags: ['models'], fetchMs: now() - askedAt };
        const kept = policy.keep({ status: 200, headers: ['content-type', 'application/json'], body: answer }, facts);
        if (kept) tiers.store(key, kept.entry, kept.keepMs);
      };
      return {
        async find() {
          const entry = await tiers.find(key);
          const answer = entry && isFresh(policy.judge(entry, now())) ? parsed(entry.body) : undefined;
          if (!entry || !answer || (stream && !mayStream(answer))) {
            miss();
            return undefined;
          }
          hit();
          const age = Math.max(0, Math.floor((now() - entry.storedAt) / 1000));
          const headers = ['cache-control', 'no-store', 'x-cache', 'HIT', 'age', String(age)];
          return stream
            ? {
                status: 200,
                headers: ['content-type', 'text/event-stream', ...headers],
                body: eventsFromWhole(answer, wantsUsage),
              }
            : { status: 200, headers: ['content-type', 'application/json', ...headers], body: entry.body };
        },
        keep,
        keepStream(answer) {
          void answer.copy(policy.maxEntryBytes * STREAMED).then((events) => {
            const whole = events && wholeFromEvents(events);
            if (whole) keep(Buffer.from(JSON.stringify(whole)));
          });
        },
      };
    },
  };
}

/** By which an answer is found: nobody learns from a key what was asked. */
function keyOf({ owner, id }: Caller, model: string, body: Readonly<Record<string, unknown>>): string {
  const asked = Object.fromEntries(Object.entries(body).filter(([name]) => !WITHOUT_MEANING.has(name)));
  return `models/${createHash('sha256')
    .update(canonical([owner ?? id, model, asked]))
    .digest('base64url')}`;
}

/** JSON with the fields of every object in the order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

function parsed(answer: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(answer.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
