-- What a policy on trial, or the shadow rules of the live one, would have done with an order: two rows at most for each,
-- so that a trial can be summed up without unpacking a decision. Codes stand between spaces.
CREATE TABLE trials (
  id            TEXT NOT NULL,
  kind          TEXT NOT NULL,
  shop          TEXT NOT NULL,
  at            BIGINT NOT NULL,
  live_version  TEXT NOT NULL,
  trial_version TEXT NOT NULL,
  live          TEXT NOT NULL,
  trial         TEXT NOT NULL,
  live_score    BIGINT NOT NULL,
  trial_score   BIGINT NOT NULL,
  added         TEXT NOT NULL,
  dropped       TEXT NOT NULL,
  PRIMARY KEY (id, kind)
);
CREATE INDEX trials_shop ON trials (shop, kind, at);
