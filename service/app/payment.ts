import type { Exchange, Handler } from '../gateway/exchange.ts';
import { Problem } from '../gateway/problem.ts';
import { json, type Reply } from '../gateway/reply.ts';
import type { Breaker } from '../resilience/index.ts';
import { unlessAborted, type Database } from '../store/postgres.ts';
import { requireIdempotencyKey } from './idempotency-key.ts';
import { requireOwner } from './owner.ts';
import {
  beginPayment,
  settlePayment,
  type PaymentOutcome,
  type PaymentRequest,
  type PaymentRow,
} from './payment-table.ts';
import type { Upstream } from './ports.ts';
import { wholeReply } from './upstream-answer.ts';

/** What payments are made with. */
export type PaymentOptions = {
  readonly database: Database;
  readonly upstream: Upstream;
  /** Stands in front of the provider; undefined leaves the one of the upstream's lane. */
  readonly breaker: Breaker | undefined;
};

/** Statuses by which the provider refuses for good: it has charged nothing and will not. */
const DECLINED: ReadonlySet<number> = new Set([402, 422]);

/**
 * POST /payment: pays an order of the caller, once. The payment is kept as pending before the provider is asked, under
 * a name by which the provider makes one payment however often it is asked; so whatever breaks off, and wherever, the
 * same Idempotency-Key sent again brings the payment to its one end and answers with it.
 */
export function createPaymentHandler({ database, upstream, breaker }: PaymentOptions): Handler {
  return async function pay(exchange) {
    const { signal } = exchange;
    const owner = requireOwner(exchange);
    const key = requireIdempotencyKey(exchange);
    const asked = exchange.body as PaymentRequest;
    const payment = await beginPayment(database, { owner, key }, asked, signal);
    if (payment.status !== 'pending') return paymentReply(payment);
    const outcome = await charge(upstream, breaker, payment.id, exchange);
    // What the provider has done is kept even when the caller leaves meanwhile.
    return paymentReply(await unlessAborted(settlePayment(database, payment.id, outcome), signal));
  };
}

async function charge(
  upstream: Upstream,
  breaker: Breaker | undefined,
  id: string,
  { body, signal, remainingMs, route, traceContext }: Exchange,
): Promise<PaymentOutcome> {
  const { amount, currency, method } = body as PaymentRequest;
  const answer = await upstream.fetch({
    method: 'POST',
    path: '/v1/payments',
    // Not the caller's own key, which could be another caller's too.
    headers: { 'content-type': 'application/json', 'idempotency-key': id },
    body: JSON.stringify({ amount, currency, method }),
    signal,
    timeoutMs: remainingMs,
    lane: route.lane,
    idempotent: true,
    trace: traceContext,
    ...(breaker && { breaker }),
  });
  const reply = await wholeReply(answer, signal);
  if (DECLINED.has(reply.status)) return { status: 'declined', providerId: null };
  const outcome = reply.status === 200 || reply.status === 201 ? readOutcome(reply) : undefined;
  if (outcome) return outcome;
  throw new Problem('upstream-failed', {
    detail: `The provider answered ${reply.status}, which says nothing certain of the payment.`,
  });
}

function readOutcome({ body }: Reply): PaymentOutcome | undefined {
  try {
    const { id, status } = JSON.parse((body as Buffer).toString()) as Record<string, unknown>;
    const certain = (status === 'paid' || status === 'declined') && typeof id === 'string';
    return certain ? { status, providerId: id } : undefined;
  } catch {
    // Not JSON, or no object: nothing certain.
    return undefined;
  }
}

function paymentReply({ id, order_id, amount, currency, status, created_at }: PaymentRow): Reply {
  if (status === 'declined') throw new Problem('payment-declined');
  const payment = { id, order: order_id, amount, currency, status, created_at: created_at.toISOString() };
  return json(201, payment, ['cache-control', 'no-store']);
}
