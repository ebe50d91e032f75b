-- What was said of a certificate by its fingerprint is found whatever CA it shows.
DROP INDEX client_certificate_by_identity;
CREATE INDEX client_certificate_by_identity ON client_certificate (identity, ca);

-- The key with which the rotations of a key began; NULL: it replaced none.
ALTER TABLE api_key ADD COLUMN origin TEXT CHECK (origin <> id);

WITH RECURSIVE replaced (id, origin) AS (
  SELECT k.successor, k.id FROM api_key k
  WHERE k.successor IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM api_key p WHERE p.successor = k.id)
  UNION ALL
  SELECT k.successor, r.origin FROM replaced r JOIN api_key k ON k.id = r.id
  WHERE k.successor IS NOT NULL
)
UPDATE api_key SET origin = (SELECT r.origin FROM replaced r WHERE r.id = api_key.id)
WHERE id IN (SELECT r.id FROM replaced r);
