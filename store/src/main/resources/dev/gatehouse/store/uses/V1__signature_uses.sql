-- Signatures that were accepted, each until it is refused for its age: in milliseconds since 1970.
CREATE TABLE signature_use (
  digest        BYTEA  NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
  refused_from  BIGINT NOT NULL
);

CREATE INDEX signature_use_by_end ON signature_use (refused_from);
