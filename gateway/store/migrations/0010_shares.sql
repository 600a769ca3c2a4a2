-- The webhooks of each shop in the order they are due, so that a share of the slots can be given to every shop without
-- walking through what waits for another. They leave the other index, which a planner without statistics would take.
CREATE INDEX outbox_shares ON outbox (shop, due, id) WHERE kind = 'webhook' AND state = 'waiting';
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (kind, due, id) WHERE kind <> 'webhook' AND state = 'waiting';
