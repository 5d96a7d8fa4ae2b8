import type { LendingStore } from '../../limit/policy.ts';
import type { Database } from '../../store/postgres.ts';
import { ATTRIBUTES, beginSpan, failureOf, type Span } from '../../telemetry/trace/index.ts';

/** Longer statements are cut. */
const MAX_STATEMENT = 500;

/** The same database, each call of which is a span of the request that it is for; values are in none. */
export function traceDatabase(database: Database): Database {
  return {
    ...database,
    query(lane, text, values, signal) {
      const span = beginSpan('postgres', 'client');
      const rows = database.query<never>(lane, text, values, signal);
      return span ? ended(describe(span, text), rows) : rows;
    },
    transaction(lane, work, signal) {
      const span = beginSpan('postgres transaction', 'client')?.set(ATTRIBUTES.database, 'postgresql');
      const result = database.transaction(
        lane,
        (query) =>
          work((text, values) => {
            const step = beginSpan('postgres', 'client');
            const rows = query<never>(text, values);
            return step ? ended(describe(step, text), rows) : rows;
          }),
        signal,
      );
      return span ? ended(span, result) : result;
    },
  };
}

/** The same calls of Redis, each a span of the request that it is for; keys and values are in none. */
export function traceCalls<Calls extends object>(calls: Calls): Calls {
  type Call = (...values: readonly unknown[]) => Promise<unknown>;
  const each = Object.entries(calls as Record<string, Call>).map(([name, call]): [string, Call] => [
    name,
    (...values) => {
      const span = beginRedis(name);
      const answer = call(...values);
      return span ? ended(span, answer) : answer;
    },
  ]);
  return Object.fromEntries(each) as Calls;
}

/** The same limits, with a span for each request that has to wait for Redis; one trip may decide for many of them. */
export function traceLimits({ ask }: LendingStore): LendingStore {
  return {
    ask(request) {
      const span = beginRedis('take limits');
      const verdict = ask(request);
      if (!span) return verdict;
      if (verdict instanceof Promise) return ended(span, verdict);
      span.end();
      return verdict;
    },
  };
}

function beginRedis(operation: string): Span | undefined {
  return beginSpan('redis', 'client')?.set(ATTRIBUTES.database, 'redis').set(ATTRIBUTES.operation, operation);
}

function describe(span: Span, text: string): Span {
  const statement = text.replace(/\s+/g, ' ').trim().slice(0, MAX_STATEMENT);
  return span.set(ATTRIBUTES.database, 'postgresql').set(ATTRIBUTES.statement, statement);
}

/** Ends a span with what it waits for; whoever asked gets the same promise, and handles its rejection. */
function ended<Result>(span: Span, answer: Promise<Result>): Promise<Result> {
  answer.then(
    () => span.end(),
    (error: unknown) => span.end(failureOf(error)),
  );
  return answer;
}
