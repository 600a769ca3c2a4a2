-- What a document is known again by when it comes with another order of the same shop: a keyed hash of its pixels, and a
-- hash of its looks (0 for none). Documents from before have neither.
ALTER TABLE documents ADD COLUMN shop TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN exact TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN look BIGINT NOT NULL DEFAULT 0;
CREATE INDEX documents_exact ON documents (exact) WHERE exact <> '';
CREATE INDEX documents_look ON documents (shop, received_at, look, id, case_id) WHERE look <> 0;
