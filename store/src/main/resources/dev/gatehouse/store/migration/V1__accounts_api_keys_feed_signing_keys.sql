-- The dialect is what SQLite and PostgreSQL share. Times are milliseconds since 1970 (UTC); sets of
-- scopes and roles, and lists of networks, are texts with single spaces between their members.
-- ${growing} is how the database says "a primary key that only ever grows".

CREATE TABLE account (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  kind       TEXT    NOT NULL CHECK (kind IN ('PERSON', 'SERVICE')),
  name       TEXT    NOT NULL UNIQUE CHECK (name <> ''),
  email      TEXT    UNIQUE CHECK (email <> ''),
  roles      TEXT    NOT NULL,
  scopes     TEXT    NOT NULL,
  disabled   BOOLEAN NOT NULL CHECK (disabled IN (TRUE, FALSE)),
  created_at BIGINT  NOT NULL,
  version    BIGINT  NOT NULL
);

CREATE INDEX account_by_kind ON account (kind, id);

CREATE TABLE api_key (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  digest              BYTEA   NOT NULL UNIQUE CHECK (length(digest) = 32),
  hint                TEXT    NOT NULL,
  owner               TEXT    NOT NULL REFERENCES account (id),
  name                TEXT    NOT NULL,
  scopes              TEXT    NOT NULL,
  expires_at          BIGINT,
  networks            TEXT    NOT NULL,
  requests_per_minute INTEGER CHECK (requests_per_minute > 0),
  created_at          BIGINT  NOT NULL,
  last_used_at        BIGINT,
  revoked_at          BIGINT,
  -- Deferred, because a rotation claims the old key before it adds the new one.
  successor           TEXT    UNIQUE REFERENCES api_key (id) DEFERRABLE INITIALLY DEFERRED,
  CHECK (successor <> id)
);

CREATE INDEX api_key_by_owner ON api_key (owner, id);

CREATE TABLE revocation_feed (
  sequence   ${growing},
  kind       TEXT   NOT NULL CHECK (kind IN ('SUBJECT', 'CREDENTIAL')),
  name       TEXT   NOT NULL,
  written_at BIGINT NOT NULL
);

CREATE INDEX revocation_feed_by_time ON revocation_feed (written_at);

CREATE TABLE signing_key (
  -- The order in which keys were added: the clocks of several nodes may differ.
  added              ${growing},
  id                 TEXT   NOT NULL UNIQUE CHECK (id <> ''),
  purpose            TEXT   NOT NULL,
  public_jwk         TEXT   NOT NULL,
  sealed_private_jwk TEXT   NOT NULL,
  created_at         BIGINT NOT NULL,
  retired_at         BIGINT
);

CREATE INDEX signing_key_by_purpose ON signing_key (purpose, added);
