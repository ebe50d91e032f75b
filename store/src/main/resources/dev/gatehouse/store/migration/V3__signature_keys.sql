-- Keys that requests and webhooks are signed with.
CREATE TABLE signature_key (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  algorithm           TEXT    NOT NULL,
  -- The secret, sealed; of a public key its SubjectPublicKeyInfo in Base64.
  material            TEXT    NOT NULL CHECK (material <> ''),
  -- NULL: for requests.
  webhook             TEXT    CHECK (webhook <> ''),
  owner               TEXT    NOT NULL REFERENCES account (id),
  name                TEXT    NOT NULL,
  hosts               TEXT    NOT NULL,
  scopes              TEXT    NOT NULL,
  expires_at          BIGINT,
  networks            TEXT    NOT NULL,
  requests_per_minute INTEGER CHECK (requests_per_minute > 0),
  created_at          BIGINT  NOT NULL,
  last_used_at        BIGINT,
  revoked_at          BIGINT,
  -- Deferred, because a rotation claims the old key before it adds the new one.
  successor           TEXT    UNIQUE REFERENCES signature_key (id) DEFERRABLE INITIALLY DEFERRED,
  CHECK (successor <> id)
);

CREATE INDEX signature_key_by_owner ON signature_key (owner, id);

CREATE INDEX signature_key_by_webhook ON signature_key (webhook, created_at);

-- No statement looks for tokens by their end.
DROP INDEX refresh_token_by_end;
