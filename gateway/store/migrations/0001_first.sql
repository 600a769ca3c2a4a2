-- One text for PostgreSQL and SQLite. BIGSERIAL PRIMARY KEY is written for SQLite by migrate.go; everything else means
-- the same to both. Times are microseconds since 1970 UTC, 0 for none. Amounts are minor units.

CREATE TABLE payments (
  id                 TEXT PRIMARY KEY,
  shop               TEXT NOT NULL,
  idempotency_key    TEXT NOT NULL,
  body_hash          BYTEA NOT NULL,
  order_reference    TEXT NOT NULL,
  status             TEXT NOT NULL,
  live               BOOLEAN NOT NULL,
  amount             BIGINT NOT NULL,
  currency           TEXT NOT NULL,
  captured           BIGINT,
  refunded           BIGINT,
  provider           TEXT NOT NULL,
  provider_reference TEXT NOT NULL,
  attempt            BIGINT NOT NULL,
  version            BIGINT NOT NULL,
  lease_until        BIGINT NOT NULL,
  created_at         BIGINT NOT NULL,
  updated_at         BIGINT NOT NULL,
  body               TEXT NOT NULL,
  detail             TEXT NOT NULL
);
CREATE UNIQUE INDEX payments_key ON payments (shop, idempotency_key);
CREATE UNIQUE INDEX payments_live ON payments (shop, order_reference) WHERE live;
CREATE INDEX payments_order ON payments (shop, order_reference, id);
CREATE INDEX payments_shop ON payments (shop, id);
CREATE INDEX payments_status ON payments (status, id);
CREATE INDEX payments_reference ON payments (provider_reference, provider) WHERE provider_reference <> '';
CREATE INDEX payments_pending ON payments (lease_until) WHERE status = 'pending';
CREATE INDEX payments_action ON payments (updated_at) WHERE status = 'action_required';

CREATE TABLE operations (
  id         TEXT PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments (id),
  type       TEXT NOT NULL,
  status     TEXT NOT NULL,
  amount     BIGINT NOT NULL,
  currency   TEXT NOT NULL,
  reason     TEXT NOT NULL,
  key        TEXT NOT NULL,
  body_hash  BYTEA NOT NULL,
  reference  TEXT NOT NULL,
  actor      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX operations_payment ON operations (payment_id, id);
CREATE UNIQUE INDEX operations_key ON operations (payment_id, key) WHERE key <> '';

CREATE TABLE cases (
  id         TEXT PRIMARY KEY,
  payment_id TEXT NOT NULL UNIQUE REFERENCES payments (id),
  shop       TEXT NOT NULL,
  status     TEXT NOT NULL,
  assignee   TEXT NOT NULL,
  score      BIGINT NOT NULL,
  amount     BIGINT NOT NULL,
  respond_by BIGINT NOT NULL,
  decide_by  BIGINT NOT NULL,
  next_due   BIGINT NOT NULL,
  token_hash BYTEA NOT NULL,
  version    BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  body       TEXT NOT NULL
);
CREATE UNIQUE INDEX cases_token ON cases (token_hash) WHERE length(token_hash) > 0;
CREATE INDEX cases_decide ON cases (decide_by, id);
CREATE INDEX cases_status ON cases (status, decide_by, id);
CREATE INDEX cases_assignee ON cases (assignee, decide_by, id);
CREATE INDEX cases_amount ON cases (amount, id);
CREATE INDEX cases_score ON cases (score, id);
CREATE INDEX cases_due ON cases (next_due) WHERE next_due > 0;

CREATE TABLE documents (
  id          TEXT PRIMARY KEY,
  case_id     TEXT NOT NULL REFERENCES cases (id),
  kind        TEXT NOT NULL,
  status      TEXT NOT NULL,
  type        TEXT NOT NULL,
  size        BIGINT NOT NULL,
  received_at BIGINT NOT NULL
);
CREATE INDEX documents_case ON documents (case_id);

CREATE TABLE decisions (
  id             TEXT PRIMARY KEY,
  payment_id     TEXT NOT NULL REFERENCES payments (id),
  stage          TEXT NOT NULL,
  at             BIGINT NOT NULL,
  policy_version TEXT NOT NULL,
  outcome        TEXT NOT NULL,
  score          BIGINT NOT NULL,
  inputs         BYTEA NOT NULL
);
CREATE INDEX decisions_payment ON decisions (payment_id, at);

CREATE TABLE assessments (
  id       TEXT PRIMARY KEY,
  shop     TEXT NOT NULL,
  at       BIGINT NOT NULL,
  observed BOOLEAN NOT NULL,
  inputs   BYTEA NOT NULL
);

CREATE TABLE history (
  seq         BIGSERIAL PRIMARY KEY,
  shop        TEXT NOT NULL,
  order_id    TEXT NOT NULL,
  at          BIGINT NOT NULL,
  kind        TEXT NOT NULL,
  code        TEXT NOT NULL,
  amount      BIGINT NOT NULL,
  currency    TEXT NOT NULL,
  keys        TEXT NOT NULL,
  applied     BOOLEAN NOT NULL,
  lease_until BIGINT NOT NULL
);
CREATE INDEX history_at ON history (at, seq);
CREATE INDEX history_waiting ON history (seq) WHERE NOT applied;

CREATE TABLE outbox (
  id          BIGSERIAL PRIMARY KEY,
  kind        TEXT NOT NULL,
  shop        TEXT NOT NULL,
  payment_id  TEXT NOT NULL,
  payload     BYTEA NOT NULL,
  state       TEXT NOT NULL,
  due         BIGINT NOT NULL,
  attempts    BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  last_error  TEXT NOT NULL
);
CREATE INDEX outbox_due ON outbox (kind, due, id) WHERE state = 'waiting';
CREATE INDEX outbox_order ON outbox (payment_id, kind, id) WHERE state = 'waiting';
CREATE INDEX outbox_buried ON outbox (id) WHERE state = 'buried';

CREATE TABLE notifications (
  key         TEXT PRIMARY KEY,
  body        TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  due         BIGINT NOT NULL,
  attempts    BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  settled     BOOLEAN NOT NULL,
  last_error  TEXT NOT NULL
);
CREATE INDEX notifications_due ON notifications (due, received_at) WHERE NOT settled;

CREATE TABLE policies (
  version  TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  source   BYTEA NOT NULL,
  saved_at BIGINT NOT NULL
);

CREATE TABLE list_entries (
  list       TEXT NOT NULL,
  value      TEXT NOT NULL,
  note       TEXT NOT NULL,
  added_by   TEXT NOT NULL,
  added_at   BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (list, value)
);

CREATE TABLE api_keys (
  hash       BYTEA PRIMARY KEY,
  shop       TEXT NOT NULL,
  name       TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX api_keys_name ON api_keys (shop, name) WHERE revoked_at = 0;

CREATE TABLE users (
  name         TEXT PRIMARY KEY,
  role         TEXT NOT NULL,
  language     TEXT NOT NULL,
  disabled     BOOLEAN NOT NULL,
  password     TEXT NOT NULL,
  failures     BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  created_at   BIGINT NOT NULL
);
-- The nobody whose password is checked when the name is unknown, so that both cost the same reads, work and writes.
INSERT INTO users (name, role, language, disabled, password, failures, locked_until, created_at)
VALUES ('', '', '', TRUE, '', 0, 0, 0);

CREATE TABLE tokens (
  hash       BYTEA PRIMARY KEY,
  user_name  TEXT NOT NULL REFERENCES users (name),
  created_at BIGINT NOT NULL
);
CREATE INDEX tokens_user ON tokens (user_name);

CREATE TABLE sessions (
  hash       BYTEA PRIMARY KEY,
  user_name  TEXT NOT NULL REFERENCES users (name),
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_name);

CREATE TABLE audit (
  id      BIGSERIAL PRIMARY KEY,
  at      BIGINT NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail  TEXT NOT NULL,
  chain   BIGINT,
  mac     BYTEA
);
CREATE UNIQUE INDEX audit_chain ON audit (chain);
CREATE INDEX audit_subject ON audit (subject, id);
CREATE INDEX audit_unsealed ON audit (id) WHERE chain IS NULL;

-- The end of the audit chain, under a MAC of its own: without it, cutting rows off the end would go unseen.
CREATE TABLE audit_head (
  id    BIGINT PRIMARY KEY,
  chain BIGINT NOT NULL,
  mac   BYTEA NOT NULL,
  seal  BYTEA NOT NULL
);
INSERT INTO audit_head (id, chain, mac, seal) VALUES (1, 0, '', '');
