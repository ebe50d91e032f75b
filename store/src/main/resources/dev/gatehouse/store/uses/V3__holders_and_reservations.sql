-- Whose share of the record a use takes; '' for uses of the versions before.
ALTER TABLE signature_use ADD COLUMN holder TEXT NOT NULL DEFAULT '';
-- Whether the use does not count yet: its request has no answer.
ALTER TABLE signature_use ADD COLUMN reserved BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX signature_use_reserved ON signature_use (digest) WHERE reserved;

-- How many uses each holder has on record.
CREATE TABLE use_holder (
  holder  TEXT   NOT NULL PRIMARY KEY,
  uses    BIGINT NOT NULL
);

INSERT INTO use_holder (holder, uses) SELECT holder, COUNT(*) FROM signature_use GROUP BY holder;
