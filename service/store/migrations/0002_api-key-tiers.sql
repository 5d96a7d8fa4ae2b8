-- Phase: expand
-- Accepts create-index: there are as many keys as callers, so that it is built in a moment.

-- Up Migration

ALTER TABLE api_keys
  -- A tier of the definition; without one the limits of every key hold.
  ADD COLUMN tier       text,
  ADD COLUMN expires_at timestamptz;

-- What people name a key by.
CREATE UNIQUE INDEX api_keys_by_id ON api_keys (left(hash, 8));

-- Down Migration

DROP INDEX api_keys_by_id;

ALTER TABLE api_keys
  DROP COLUMN tier,
  DROP COLUMN expires_at;
