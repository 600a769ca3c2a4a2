-- The webhooks of each shop in the order they are due, so that a share of the slots can be given to every shop without
-- walking through what waits for another. The kind stands first, although it is always the same, for SQLite: of two
-- indexes it takes the one that more equal signs of the condition match.
CREATE INDEX outbox_shares ON outbox (kind, shop, due, id) WHERE kind = 'webhook' AND state = 'waiting';
