-- Whose account an identity at a provider is.
CREATE TABLE provider_link (
  id           TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
  account      TEXT   NOT NULL REFERENCES account (id),
  provider     TEXT   NOT NULL,
  issuer       TEXT   NOT NULL CHECK (issuer <> ''),
  subject      TEXT   NOT NULL CHECK (subject <> ''),
  label        TEXT   NOT NULL,
  created_at   BIGINT NOT NULL,
  last_used_at BIGINT,
  -- What the provider issued to act for the person there; NULL: it is not kept.
  sealed_token TEXT   CHECK (sealed_token <> '')
);

-- An identity has one account, however many sign in by it for the first time at once.
CREATE UNIQUE INDEX provider_link_by_identity ON provider_link (issuer, subject);

CREATE INDEX provider_link_by_account ON provider_link (account, created_at, id);

CREATE TABLE invitation (
  id          TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
  digest      BYTEA  NOT NULL UNIQUE CHECK (length(digest) = 32),
  -- That a provider must vouch for; NULL: whoever comes first.
  email       TEXT   CHECK (email <> ''),
  roles       TEXT   NOT NULL,
  scopes      TEXT   NOT NULL,
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  -- When it was spent, and the account that it made.
  accepted_at BIGINT,
  account     TEXT   REFERENCES account (id),
  CHECK ((accepted_at IS NULL) = (account IS NULL))
);

CREATE INDEX invitation_by_end ON invitation (expires_at);
