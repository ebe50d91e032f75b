-- How often all sign-ins of an account were ended at once.
ALTER TABLE account ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;

CREATE TABLE password (
  account    TEXT   NOT NULL PRIMARY KEY REFERENCES account (id),
  id         TEXT   NOT NULL UNIQUE CHECK (id <> ''),
  hash       TEXT   NOT NULL CHECK (hash <> ''),
  changed_at BIGINT NOT NULL
);

CREATE TABLE password_reset (
  account    TEXT   NOT NULL PRIMARY KEY REFERENCES account (id),
  digest     BYTEA  NOT NULL UNIQUE CHECK (length(digest) = 32),
  -- Of the account's sign-ins when it was made.
  generation BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE INDEX password_reset_by_end ON password_reset (expires_at);

CREATE TABLE session (
  id           TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
  digest       BYTEA  NOT NULL UNIQUE CHECK (length(digest) = 32),
  account      TEXT   NOT NULL REFERENCES account (id),
  generation   BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  agent        TEXT   NOT NULL,
  address      TEXT   NOT NULL
);

CREATE INDEX session_by_account ON session (account, id);

CREATE TABLE token_family (
  id               TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
  account          TEXT   NOT NULL REFERENCES account (id),
  client_id        TEXT   NOT NULL,
  -- NULL: whatever the owner may do.
  scopes           TEXT,
  generation       BIGINT NOT NULL,
  created_at       BIGINT NOT NULL,
  expires_at       BIGINT NOT NULL,
  last_used_at     BIGINT,
  -- The digest of the refresh token that was spent last, and its successor, sealed under a key that
  -- only that token gives. The next use writes over both; without a grace there is no text.
  spent_last       BYTEA  CHECK (length(spent_last) = 32),
  sealed_successor TEXT
);

CREATE INDEX token_family_by_account ON token_family (account, id);

CREATE TABLE refresh_token (
  digest     BYTEA  NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
  family     TEXT   NOT NULL REFERENCES token_family (id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL,
  -- NULL: not used yet.
  spent_at   BIGINT
);

CREATE INDEX refresh_token_by_family ON refresh_token (family, expires_at);

CREATE INDEX refresh_token_by_end ON refresh_token (expires_at);
