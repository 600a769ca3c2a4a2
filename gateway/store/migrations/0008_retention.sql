-- How far each walk over old rows has come: everything of that kind up to and including this id was looked at.
CREATE TABLE retention (
  kind    TEXT PRIMARY KEY,
  reached TEXT NOT NULL
);
INSERT INTO retention (kind, reached) VALUES ('payments', '');

-- Payments that were looked at and are to be looked at again: because their time is longer than most, or because their
-- buyer asked to be forgotten while they were under way.
CREATE TABLE retention_later (
  payment_id TEXT NOT NULL REFERENCES payments (id),
  act        TEXT NOT NULL,
  due        BIGINT NOT NULL,
  PRIMARY KEY (payment_id, act)
);
CREATE INDEX retention_later_due ON retention_later (act, due);
CREATE INDEX notifications_settled ON notifications (received_at) WHERE settled;
