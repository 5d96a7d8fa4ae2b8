import type { Client, PoolClient } from 'pg';
import { cancelStatement } from './cancel.ts';
import { judge, outcomeUnknown, type Judgement } from './failure.ts';

/** What a lent connection is used with. */
export type ConnectionOptions = {
  readonly client: PoolClient;
  /** Ends the statement that runs, and keeps the next from running. */
  readonly signal: AbortSignal | undefined;
  /** Makes of what failed what is thrown. */
  readonly fail: (judgement: Judgement) => unknown;
  /** Told when the connection breaks off or falls silent. */
  readonly onBreak: () => void;
};

/** Time for a cancelled statement to end; then its connection is cut instead. */
const CANCEL_TIMEOUT_MS = 1_000;

/** A connection while it is lent. */
export class Connection {
  /** Whether it is of no more use to anyone. */
  broken = false;
  readonly #options: ConnectionOptions;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The rows of a statement; rejects with what `fail` makes of what failed, or with the signal's reason. */
  async run<Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const { client, signal, fail } = this.#options;
    signal?.throwIfAborted();
    let cut: NodeJS.Timeout | undefined;
    let cancelling: Promise<boolean> | undefined;
    const cancel = (): void => {
      // While a statement runs, `end` cuts the connection, and the statement rejects.
      cut = setTimeout(() => void (client as unknown as Client).end(), CANCEL_TIMEOUT_MS);
      cancelling = cancelStatement(client, CANCEL_TIMEOUT_MS);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const { rows } = await client.query<Row>(text, [...values]);
      return rows;
    } catch (cause) {
      const judgement = this.#judge(cause);
      throw signal?.aborted ? signal.reason : fail(judgement);
    } finally {
      signal?.removeEventListener('abort', cancel);
      clearTimeout(cut);
      // As long as the request to cancel is on its way, it could hit the next statement.
      if (cancelling && !(await cancelling)) this.broken = true;
    }
  }

  /** Commits, whether or not the signal is aborted. Rejects when it is not known or not so that all is kept. */
  async commit(): Promise<void> {
    const { client, fail } = this.#options;
    let command;
    try {
      ({ command } = await client.query('COMMIT'));
    } catch (cause) {
      const judgement = this.#judge(cause);
      const error = judgement.broken ? outcomeUnknown(cause) : judgement.error;
      this.broken = true;
      throw fail({ ...judgement, error });
    }
    // So Postgres answers where a statement failed before; whoever ignored that must not believe that all is kept.
    if (command !== 'COMMIT') throw new Error('a statement of this transaction failed, so that nothing of it was kept');
  }

  /** Undoes what the transaction did; a connection that cannot even do that is given up, which does it as well. */
  async rollBack(): Promise<void> {
    if (this.broken) return;
    await this.#options.client.query('ROLLBACK').catch((cause: unknown) => {
      this.#judge(cause);
      this.broken = true;
    });
  }

  #judge(cause: unknown): Judgement {
    const { signal, onBreak } = this.#options;
    const judgement = judge(cause);
    this.broken ||= judgement.broken;
    // A connection that was cut for a caller who left says nothing of Postgres.
    if (!signal?.aborted && (judgement.kind === 'broken' || judgement.kind === 'silent')) onBreak();
    return judgement;
  }
}
