-- Phase: expand

-- Up Migration

CREATE TABLE payments (
  -- The provider's Idempotency-Key too: it is kept before the provider is asked, so that one payment is charged once.
  id              uuid PRIMARY KEY,
  owner           text NOT NULL,
  idempotency_key text NOT NULL,
  order_id        uuid NOT NULL REFERENCES orders (id),
  -- In the currency's smallest unit.
  amount          integer NOT NULL,
  currency        text NOT NULL,
  -- SHA-256 of the means of payment in hexadecimal: enough to see whether a repeated request is the same.
  method_hash     text NOT NULL,
  status          text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'paid', 'declined')),
  provider_id     text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  settled_at      timestamptz,
  UNIQUE (owner, idempotency_key)
);

-- An order is paid once, and by one payment at a time; after one that was declined another may be tried.
CREATE UNIQUE INDEX payments_by_order ON payments (order_id) WHERE status <> 'declined';

-- Down Migration

DROP TABLE payments;
