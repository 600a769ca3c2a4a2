-- A provider may confirm an operation, fail it after all and confirm it again, and tell so in any order: each kind of
-- report is counted. What is final already has had one.
ALTER TABLE operations ADD COLUMN confirmed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE operations ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;
UPDATE operations SET confirmed = 1 WHERE status = 'done';
UPDATE operations SET failed = 1 WHERE status = 'failed';
-- Steps that buyers abandoned are looked for shop by shop: each shop has its own patience.
DROP INDEX payments_action;
CREATE INDEX payments_action ON payments (shop, updated_at) WHERE status = 'action_required';
