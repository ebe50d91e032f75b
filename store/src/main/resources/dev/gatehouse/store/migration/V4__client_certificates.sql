-- Client certificates: single ones by their fingerprint, or all that a CA issues to a name.
CREATE TABLE client_certificate (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  owner               TEXT    NOT NULL REFERENCES account (id),
  name                TEXT    NOT NULL,
  ca                  TEXT    NOT NULL CHECK (ca <> ''),
  -- fingerprint:, spiffe:, dns: or email:, and what it is.
  identity            TEXT    NOT NULL CHECK (identity <> ''),
  -- What the gate's own CA issued; NULL: another CA did.
  serial              TEXT    CHECK (serial <> ''),
  not_after           BIGINT,
  certificate         TEXT,
  scopes              TEXT    NOT NULL,
  expires_at          BIGINT,
  networks            TEXT    NOT NULL,
  requests_per_minute INTEGER CHECK (requests_per_minute > 0),
  created_at          BIGINT  NOT NULL,
  last_used_at        BIGINT,
  revoked_at          BIGINT,
  -- Deferred, because a renewal claims the old certificate before it adds the new one.
  successor           TEXT    UNIQUE REFERENCES client_certificate (id) DEFERRABLE INITIALLY DEFERRED,
  CHECK (successor <> id),
  CHECK ((serial IS NULL) = (not_after IS NULL) AND (serial IS NULL) = (certificate IS NULL))
);

CREATE INDEX client_certificate_by_owner ON client_certificate (owner, id);

CREATE INDEX client_certificate_by_identity ON client_certificate (ca, identity);

-- A name means one registration; what was revoked may be registered anew.
CREATE UNIQUE INDEX client_certificate_in_force ON client_certificate (ca, identity)
  WHERE revoked_at IS NULL;

-- The gate's own CAs, in the order in which they were made; the newest issues.
CREATE TABLE client_authority (
  number      INTEGER NOT NULL PRIMARY KEY CHECK (number >= 0),
  id          TEXT    NOT NULL UNIQUE CHECK (id <> ''),
  certificate TEXT    NOT NULL,
  sealed_key  TEXT    NOT NULL,
  created_at  BIGINT  NOT NULL
);

-- RFC 8705: the SHA-256 of the certificate to which the tokens of the family are bound.
ALTER TABLE token_family ADD COLUMN certificate BYTEA CHECK (length(certificate) = 32);
