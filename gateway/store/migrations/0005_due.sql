-- Until when a payment waits for what is in nobody's hands here: a transfer or a cheque on its way, or a provider that
-- has said that it takes its time. 0 is the usual patience.
ALTER TABLE payments ADD COLUMN due BIGINT NOT NULL DEFAULT 0;
CREATE INDEX payments_due ON payments (due) WHERE status = 'action_required' AND due > 0;
