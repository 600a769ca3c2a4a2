-- How often the lists were changed, so that who keeps them in memory reads them again only then.
CREATE TABLE list_changes (
  id      BIGINT PRIMARY KEY,
  changes BIGINT NOT NULL
);
INSERT INTO list_changes (id, changes) VALUES (1, 0);
