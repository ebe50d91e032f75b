-- Uses of HMACs have other digests from now on, by which those of before are not known again. So no
-- signature is the first whose time is not later than the latest one on record.
INSERT INTO use_horizon (kind, horizon)
  SELECT kind, MAX(horizon) FROM signature_use WHERE kind = 'SIGNATURE' GROUP BY kind
ON CONFLICT (kind) DO UPDATE SET horizon = excluded.horizon
  WHERE excluded.horizon > use_horizon.horizon;
