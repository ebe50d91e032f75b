-- How often methods were used: by whom, with which credential, and on which route if that announces
-- the end of the method. No text is NULL, so that each row is one: an owner may be nobody in
-- particular or a stranger, a credential one of many that come and go.
CREATE TABLE method_use (
  owner         TEXT   NOT NULL,
  method        TEXT   NOT NULL CHECK (method <> ''),
  credential    TEXT   NOT NULL,
  route         TEXT   NOT NULL,
  uses          BIGINT NOT NULL CHECK (uses > 0),
  first_used_at BIGINT NOT NULL,
  last_used_at  BIGINT NOT NULL,
  PRIMARY KEY (owner, method, credential, route)
);

-- The last batch that each running gate has added, so that none is added twice.
CREATE TABLE method_use_writer (
  id         TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
  batch      BIGINT NOT NULL,
  written_at BIGINT NOT NULL
);
