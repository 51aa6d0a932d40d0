-- Which database of the ledger this is, and of how many: a SKU is found by both, so neither ever changes. Written when the
-- service asks it for the first time. A ledger that is older than this table is one database.
CREATE TABLE ledger_place (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  shard INTEGER NOT NULL,
  shards INTEGER NOT NULL
);
INSERT INTO ledger_place (only_row, shard, shards) SELECT 1, 0, 1 WHERE EXISTS (SELECT 1 FROM levels);
