-- What a use is a use of, and to where the horizon of its kind moves when it is forgotten: in
-- milliseconds since 1970.
ALTER TABLE signature_use ADD COLUMN kind TEXT NOT NULL DEFAULT 'SIGNATURE';
ALTER TABLE signature_use ADD COLUMN horizon BIGINT NOT NULL DEFAULT 0;

-- A use of the version before does not say what time was signed. It counts as a signature with the
-- latest time that it can have. That time is as far before refused_from as it was at most ahead of
-- the clock: by the window. So it lies at most half-way from the take-over to refused_from.
UPDATE signature_use SET horizon = (refused_from + ${takenOverAt}) / 2;

CREATE TABLE use_horizon (
  kind     TEXT   NOT NULL PRIMARY KEY,
  horizon  BIGINT NOT NULL
);

-- The version before did not say which signatures it had forgotten.
INSERT INTO use_horizon (kind, horizon) VALUES ('SIGNATURE', ${takenOverAt});
