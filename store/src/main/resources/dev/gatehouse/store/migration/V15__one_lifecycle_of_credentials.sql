-- The lifecycle of the credentials of all kinds. What a kind adds is in the table that has its name.
-- ${clustered} is how the database says "the rows are kept in the order of the primary key", where that
-- must be said: the look-up of an API key then costs no more than that of a table of its own.
CREATE TABLE credential (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  kind                TEXT    NOT NULL CHECK (kind <> ''),
  owner               TEXT    NOT NULL REFERENCES account (id),
  name                TEXT    NOT NULL,
  scopes              TEXT    NOT NULL,
  expires_at          BIGINT,
  networks            TEXT    NOT NULL,
  requests_per_minute INTEGER CHECK (requests_per_minute > 0),
  created_at          BIGINT  NOT NULL,
  last_used_at        BIGINT,
  revoked_at          BIGINT,
  -- Deferred, because a rotation claims the old credential before it adds the new one.
  successor           TEXT    UNIQUE REFERENCES credential (id) DEFERRABLE INITIALLY DEFERRED,
  -- The credential with which the rotations began; NULL: it replaced none.
  origin              TEXT    CHECK (origin <> id),
  CHECK (successor <> id)
) ${clustered};

CREATE INDEX credential_by_owner ON credential (owner, kind, id);

INSERT INTO credential
  (id, kind, owner, name, scopes, expires_at, networks, requests_per_minute, created_at,
   last_used_at, revoked_at, successor, origin)
SELECT id, 'api_key', owner, name, scopes, expires_at, networks, requests_per_minute, created_at,
  last_used_at, revoked_at, successor, origin
FROM api_key;

INSERT INTO credential
  (id, kind, owner, name, scopes, expires_at, networks, requests_per_minute, created_at,
   last_used_at, revoked_at, successor)
SELECT id, 'signature_key', owner, name, scopes, expires_at, networks, requests_per_minute,
  created_at, last_used_at, revoked_at, successor
FROM signature_key;

INSERT INTO credential
  (id, kind, owner, name, scopes, expires_at, networks, requests_per_minute, created_at,
   last_used_at, revoked_at, successor)
SELECT id, 'client_certificate', owner, name, scopes, expires_at, networks, requests_per_minute,
  created_at, last_used_at, revoked_at, successor
FROM client_certificate;

-- Keys for signatures and certificates did not know it. (The first of the rotations of an API key
-- may be forgotten: what was noted of it stays.)
WITH RECURSIVE replaced (id, origin) AS (
  SELECT c.successor, c.id FROM credential c
  WHERE c.kind <> 'api_key' AND c.successor IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM credential p WHERE p.successor = c.id)
  UNION ALL
  SELECT c.successor, r.origin FROM replaced r JOIN credential c ON c.id = r.id
  WHERE c.successor IS NOT NULL
)
UPDATE credential SET origin = (SELECT r.origin FROM replaced r WHERE r.id = credential.id)
WHERE id IN (SELECT r.id FROM replaced r);

ALTER TABLE api_key RENAME TO api_key_before;
ALTER TABLE signature_key RENAME TO signature_key_before;
ALTER TABLE client_certificate RENAME TO client_certificate_before;

CREATE TABLE api_key (
  digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
  id     TEXT  NOT NULL UNIQUE REFERENCES credential (id) ON DELETE CASCADE,
  hint   TEXT  NOT NULL
) ${clustered};

INSERT INTO api_key (id, digest, hint) SELECT id, digest, hint FROM api_key_before;

CREATE TABLE signature_key (
  id        TEXT NOT NULL PRIMARY KEY REFERENCES credential (id) ON DELETE CASCADE,
  algorithm TEXT NOT NULL,
  -- The secret, sealed; of a public key its SubjectPublicKeyInfo in Base64.
  material  TEXT NOT NULL CHECK (material <> ''),
  -- NULL: for requests.
  webhook   TEXT CHECK (webhook <> ''),
  hosts     TEXT NOT NULL
) ${clustered};

INSERT INTO signature_key (id, algorithm, material, webhook, hosts)
SELECT id, algorithm, material, webhook, hosts FROM signature_key_before;

CREATE TABLE client_certificate (
  id          TEXT    NOT NULL PRIMARY KEY REFERENCES credential (id) ON DELETE CASCADE,
  ca          TEXT    NOT NULL CHECK (ca <> ''),
  -- fingerprint:, spiffe:, dns: or email:, and what it is.
  identity    TEXT    NOT NULL CHECK (identity <> ''),
  -- What the gate's own CA issued; NULL: another CA did.
  serial      TEXT    CHECK (serial <> ''),
  not_after   BIGINT,
  certificate TEXT,
  -- NULL: revoked. A name means one registration; what was revoked may be registered anew.
  in_force    BOOLEAN CHECK (in_force = TRUE),
  UNIQUE (identity, ca, in_force),
  CHECK ((serial IS NULL) = (not_after IS NULL) AND (serial IS NULL) = (certificate IS NULL))
);

INSERT INTO client_certificate (id, ca, identity, serial, not_after, certificate, in_force)
SELECT id, ca, identity, serial, not_after, certificate, CASE WHEN revoked_at IS NULL THEN TRUE END
FROM client_certificate_before;

DROP TABLE api_key_before;
DROP TABLE signature_key_before;
DROP TABLE client_certificate_before;

CREATE INDEX signature_key_by_webhook ON signature_key (webhook);
