-- Phase: expand

-- Up Migration

CREATE TABLE users (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username      text NOT NULL UNIQUE,
  -- scrypt with its parameters and salt: $scrypt$ln=14,r=8,p=5$salt$hash
  password_hash text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
  -- SHA-256 of the key in hexadecimal: the key itself is random enough to need no salt.
  hash       text PRIMARY KEY,
  name       text NOT NULL,
  owner      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);

CREATE TABLE orders (
  id              uuid PRIMARY KEY,
  owner           text NOT NULL,
  item            text NOT NULL,
  quantity        integer NOT NULL,
  idempotency_key text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (owner, idempotency_key)
);

CREATE TABLE logs (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner      text NOT NULL,
  level      text NOT NULL,
  message    text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX logs_by_owner ON logs (owner, id DESC);

-- Down Migration

DROP TABLE logs;
DROP TABLE orders;
DROP TABLE api_keys;
DROP TABLE users;
