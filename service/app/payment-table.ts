import { createHash, randomUUID } from 'node:crypto';
import { DatabaseError } from 'pg';
import { Problem } from '../gateway/problem.ts';
import type { Database, Query } from '../store/postgres.ts';

/** What is to be paid, and with what. */
export type PaymentRequest = {
  readonly order: string;
  /** In the currency's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  /** Names the means of payment to the provider. */
  readonly method: string;
};

/** A payment as it is kept. */
export type PaymentRow = {
  readonly id: string;
  readonly order_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly method_hash: string;
  readonly status: 'pending' | 'paid' | 'declined';
  readonly created_at: Date;
};

/** What the provider made of a payment; its own name for it where it gave one. */
export type PaymentOutcome = { readonly status: 'paid' | 'declined'; readonly providerId: string | null };

/** Whose payment it is, and the caller's key for it. */
export type PaymentKey = { readonly owner: string; readonly key: string };

const COLUMNS = 'id, order_id, amount, currency, method_hash, status, created_at';
const UNIQUE_VIOLATION = '23505';

/**
 * The payment of this key: as it was left, or new and pending. Rejects with a Problem: `order-not-found`,
 * `payment-conflict` when the order has another payment that was not declined, `invalid-body` when the key was used for
 * another payment; else as a transaction does.
 */
export async function beginPayment(
  database: Database,
  { owner, key }: PaymentKey,
  asked: PaymentRequest,
  signal: AbortSignal,
): Promise<PaymentRow> {
  const methodHash = createHash('sha256').update(asked.method).digest('hex');
  const begin = async (query: Query): Promise<PaymentRow | undefined> => {
    // Whoever else pays this order waits here, and then finds this payment.
    const text = 'SELECT id FROM orders WHERE id = $1 AND owner = $2 FOR UPDATE';
    const [order] = await query(text, [asked.order, owner]);
    if (!order) throw new Problem('order-not-found');
    const [known] = await query<PaymentRow>(
      `SELECT ${COLUMNS} FROM payments WHERE owner = $1 AND idempotency_key = $2`,
      [owner, key],
    );
    if (known) return requireSame(known, asked, methodHash);
    const [other] = await query<PaymentRow>(
      `SELECT ${COLUMNS} FROM payments WHERE order_id = $1 AND status <> 'declined'`,
      [asked.order],
    );
    if (other) throw conflict(other);
    const [made] = await query<PaymentRow>(
      `INSERT INTO payments (id, owner, idempotency_key, order_id, amount, currency, method_hash)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
      [randomUUID(), owner, key, asked.order, asked.amount, asked.currency, methodHash],
    );
    return made;
  };
  try {
    return requireRow(await database.transaction('critical', begin, signal));
  } catch (error) {
    // The same key came at once for another order.
    if (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION) throw otherBody();
    throw error;
  }
}

/** Keeps the end of a payment; the first end of several stays. Rejects as a query does. */
export async function settlePayment(
  database: Database,
  id: string,
  { status, providerId }: PaymentOutcome,
): Promise<PaymentRow> {
  const [settled] = await database.query<PaymentRow>(
    'critical',
    `UPDATE payments SET status = $2, provider_id = $3, settled_at = now()
     WHERE id = $1 AND status = 'pending' RETURNING ${COLUMNS}`,
    [id, status, providerId],
  );
  if (settled) return settled;
  const [before] = await database.query<PaymentRow>('critical', `SELECT ${COLUMNS} FROM payments WHERE id = $1`, [id]);
  return requireRow(before);
}

function requireSame(known: PaymentRow, { order, amount, currency }: PaymentRequest, methodHash: string): PaymentRow {
  const same =
    known.order_id === order &&
    known.amount === amount &&
    known.currency === currency &&
    known.method_hash === methodHash;
  if (same) return known;
  throw otherBody();
}

function requireRow(row: PaymentRow | undefined): PaymentRow {
  if (row) return row;
  throw new Error('Postgres gave back no payment');
}

function otherBody(): Problem {
  return new Problem('invalid-body', {
    detail: 'This Idempotency-Key was used for another payment: send the same body again, or a new key.',
  });
}

function conflict({ status }: PaymentRow): Problem {
  const detail =
    status === 'paid'
      ? 'The order is paid.'
      : 'A payment of this order was begun with another Idempotency-Key, and its end is not known.';
  return new Problem('payment-conflict', { detail });
}
