-- When a message was delivered or given up on: what is settled is purged by its age. A delivered webhook keeps its
-- payload until then, so that it can be sent again.
ALTER TABLE outbox ADD COLUMN settled_at BIGINT NOT NULL DEFAULT 0;
UPDATE outbox SET settled_at = created_at WHERE state <> 'waiting';
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE state <> 'waiting';
CREATE INDEX outbox_past ON outbox (payment_id, id) WHERE state <> 'waiting';
CREATE INDEX outbox_webhooks ON outbox (shop, created_at, id) WHERE kind = 'webhook' AND state <> 'waiting';

-- Webhook endpoints that want no more webhooks. The hash is of the address that said so: another address is another
-- endpoint.
CREATE TABLE closed_endpoints (
  shop      TEXT PRIMARY KEY,
  url_hash  BYTEA NOT NULL,
  closed_at BIGINT NOT NULL,
  reason    TEXT NOT NULL
);
