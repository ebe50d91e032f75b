-- Access tokens of other issuers that count no more: all of a subject, or one by its id.
CREATE TABLE denied_token (
  id         TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
  issuer     TEXT   NOT NULL CHECK (issuer <> ''),
  subject    TEXT   CHECK (subject <> ''),
  token_id   TEXT   CHECK (token_id <> ''),
  note       TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  -- NULL: for good.
  ends_at    BIGINT,
  CHECK ((subject IS NULL) <> (token_id IS NULL))
);

CREATE INDEX denied_token_by_subject ON denied_token (issuer, subject) WHERE subject IS NOT NULL;

CREATE INDEX denied_token_by_token ON denied_token (issuer, token_id) WHERE token_id IS NOT NULL;
