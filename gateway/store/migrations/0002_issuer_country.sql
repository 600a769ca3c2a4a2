-- The journal carries what the counted entities need to be counted again: the shop is there already. Entries from before
-- have no country and are counted for their shop alone.
ALTER TABLE history ADD COLUMN issuer_country TEXT NOT NULL DEFAULT '';
