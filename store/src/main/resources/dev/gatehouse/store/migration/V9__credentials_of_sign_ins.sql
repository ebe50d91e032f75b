-- The credential with which the person signed in: the id of a password, or issuer|subject of an
-- identity at a provider. NULL: the sign-in is older than this column.
ALTER TABLE session ADD COLUMN signed_in_by TEXT CHECK (signed_in_by <> '');
ALTER TABLE token_family ADD COLUMN signed_in_by TEXT CHECK (signed_in_by <> '');
