-- A token of a provider is sealed for its issuer now. Those of before were kept by what the
-- configuration called the provider, and one may be another issuer's: they are dropped, and the next
-- sign-in with the provider brings another.
UPDATE provider_link SET sealed_token = NULL;

-- When the person was last authenticated, by a password or at a provider; NULL: not known, as of
-- every session of before.
ALTER TABLE session ADD COLUMN authenticated_at BIGINT;
