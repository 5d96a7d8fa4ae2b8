import { randomUUID } from 'node:crypto';
import type { Handler } from '../gateway/exchange.ts';
import { Problem } from '../gateway/problem.ts';
import { json, type Reply } from '../gateway/reply.ts';
import type { Database } from '../store/postgres.ts';
import { findIdempotencyKey } from './idempotency-key.ts';
import { requireOwner } from './owner.ts';
import { requireStorable } from './text.ts';

type OrderBody = { readonly item: string; readonly quantity: number };
type OrderRow = OrderBody & { readonly id: string; readonly created_at: Date };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const COLUMNS = 'id, item, quantity, created_at';

/**
 * POST /create-order: keeps an order of the caller. The same Idempotency-Key of the same caller answers with the order
 * that it made first, however often and at whatever moment it comes; with another body it is refused.
 */
export function createOrderHandler(database: Database): Handler {
  return async function createOrder(exchange) {
    const owner = requireOwner(exchange);
    const { item, quantity } = exchange.body as OrderBody;
    requireStorable('/item', item);
    const key = findIdempotencyKey(exchange) ?? null;
    // Of two that come at once, the second waits here for the first to be kept.
    const [created] = await database.query<OrderRow>(
      'critical',
      `INSERT INTO orders (id, owner, item, quantity, idempotency_key) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (owner, idempotency_key) DO NOTHING RETURNING ${COLUMNS}`,
      [randomUUID(), owner, item, quantity, key],
      exchange.signal,
    );
    if (created) return orderReply(201, created);
    const [first] = await database.query<OrderRow>(
      'critical',
      `SELECT ${COLUMNS} FROM orders WHERE owner = $1 AND idempotency_key = $2`,
      [owner, key],
      exchange.signal,
    );
    if (first?.item === item && first.quantity === quantity) return orderReply(201, first);
    throw new Problem('invalid-body', {
      detail: 'This Idempotency-Key was used for another order: send the same body again, or a new key.',
    });
  };
}

/** GET /orders/{id}: an order of the caller; somebody else's is not found. */
export function createReadOrderHandler(database: Database): Handler {
  return async function readOrder(exchange) {
    const owner = requireOwner(exchange);
    const { id = '' } = exchange.params;
    if (!UUID.test(id)) throw new Problem('order-not-found');
    const [order] = await database.query<OrderRow>(
      'critical',
      `SELECT ${COLUMNS} FROM orders WHERE id = $1 AND owner = $2`,
      [id, owner],
      exchange.signal,
    );
    if (!order) throw new Problem('order-not-found');
    return orderReply(200, order);
  };
}

function orderReply(status: number, { id, item, quantity, created_at }: OrderRow): Reply {
  const location = status === 201 ? ['location', `/orders/${id}`] : [];
  return json(status, { id, item, quantity, created_at: created_at.toISOString() }, location);
}
