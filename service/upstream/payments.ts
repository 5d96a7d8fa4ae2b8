import { randomUUID } from 'node:crypto';
import { UpstreamError } from './upstream-error.ts';

/** A payment as the provider answers it. */
export type Payment = {
  readonly id: string;
  readonly object: 'payment';
  readonly status: 'paid' | 'declined';
  /** In the currency's smallest unit. */
  readonly amount: number;
  readonly currency: string;
};

/** Takes payments, each once. */
export type Payments = {
  /**
   * Makes the payment that a body asks for; the same key gets the same payment, however often it comes. Throws an
   * UpstreamError: 400 for a missing key or a wrong body, 409 for a key that was used with another body, 503 when the
   * means of payment is UNAVAILABLE_METHOD.
   */
  pay(key: string | undefined, body: unknown): Payment;
};

/** The means of payment with which every payment fails, so that a failing provider can be tried out. */
export const UNAVAILABLE_METHOD = 'test_unavailable';

/** Payments that are remembered; the oldest is forgotten first. */
const MAX_REMEMBERED = 10_000;

/** A provider of payments that declines every amount that ends in 13 and takes all others. */
export function createPayments(nextId: () => string = () => `pay_${randomUUID()}`): Payments {
  const made = new Map<string, { readonly asked: string; readonly payment: Payment }>();
  return {
    pay(key, body) {
      if (key === undefined || key === '') throw invalid('Idempotency-Key is missing.');
      const { amount, currency, method } = parsePayment(body);
      const asked = JSON.stringify([amount, currency, method]);
      const known = made.get(key);
      if (known && known.asked !== asked) {
        throw new UpstreamError(409, 'idempotency_conflict', 'This Idempotency-Key was used for another payment.');
      }
      if (known) return known.payment;
      if (method === UNAVAILABLE_METHOD) {
        throw new UpstreamError(503, 'provider_unavailable', 'The provider of this means of payment does not answer.');
      }
      const status = amount % 100 === 13 ? 'declined' : 'paid';
      const payment: Payment = { id: nextId(), object: 'payment', status, amount, currency };
      made.set(key, { asked, payment });
      const [oldest] = made.keys();
      if (made.size > MAX_REMEMBERED && oldest !== undefined) made.delete(oldest);
      return payment;
    },
  };
}

function parsePayment(body: unknown): { amount: number; currency: string; method: string } {
  const { amount, currency, method } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount < 1)
    throw invalid('amount must be a whole number from 1.');
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency))
    throw invalid('currency must be three capital letters.');
  if (typeof method !== 'string' || method === '') throw invalid('method must name a means of payment.');
  return { amount, currency, method };
}

function invalid(message: string): UpstreamError {
  return new UpstreamError(400, 'invalid_request', message);
}
