-- What was used longest ago is forgotten first, a few rows at a time: without this, each few rows
-- would be looked for in the whole table.
CREATE INDEX method_use_by_last_use ON method_use (last_used_at);
