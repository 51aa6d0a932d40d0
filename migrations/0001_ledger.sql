-- Every event of every SKU, once: (sku, epoch, version) is the key, so a message delivered twice changes nothing.
CREATE TABLE ledger (
  sku TEXT NOT NULL,
  epoch TEXT NOT NULL,
  version INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  channel TEXT,
  reference TEXT,
  event TEXT NOT NULL,
  PRIMARY KEY (sku, epoch, version)
) WITHOUT ROWID;
-- Each index costs one more row written for every event it holds. Time order over all SKUs: every event.
CREATE INDEX ledger_at ON ledger (at_ms, sku, epoch, version);
-- What a channel sold: events of orders and of reservations on a channel, so most sales.
CREATE INDEX ledger_channel ON ledger (channel, at_ms, sku, epoch, version) WHERE channel IS NOT NULL;
-- What a document did: only events that name one. There is no index of types: few types are rare, and SKU, channel
-- or time narrow the search.
CREATE INDEX ledger_reference ON ledger (reference, at_ms, sku, epoch, version) WHERE reference IS NOT NULL;

-- In which order entries came into the ledger: what each projection added, once. One row for each, kept for some days,
-- so that a consumer can go on from where it was without a gap or a double.
CREATE TABLE ledger_batches (
  seq INTEGER PRIMARY KEY,
  recorded_at_ms INTEGER NOT NULL,
  entries TEXT NOT NULL
);

-- Facts that took more than there was. Few, so its indexes cost little. The id follows from the ledger entry.
CREATE TABLE oversells (
  id TEXT PRIMARY KEY,
  sku TEXT NOT NULL,
  epoch TEXT NOT NULL,
  version INTEGER NOT NULL,
  cause TEXT NOT NULL,
  channel TEXT,
  order_id TEXT,
  line_id TEXT,
  units INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  resolution TEXT,
  resolution_note TEXT,
  resolved_by TEXT,
  resolved_at_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX oversells_at ON oversells (at_ms, id);
CREATE INDEX oversells_sku ON oversells (sku, at_ms, id);
-- What is left to do, and how much of it.
CREATE INDEX oversells_open ON oversells (at_ms, id) WHERE resolution IS NULL;

-- The newest view of each SKU; only ever replaced by a newer position. `status` is that of the view, or 'retired'.
CREATE TABLE levels (
  sku TEXT PRIMARY KEY,
  epoch TEXT NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  available INTEGER NOT NULL,
  view TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX levels_status ON levels (status, sku);

CREATE TABLE channels (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Messages the consumer could not process, kept until they are replayed.
CREATE TABLE dead_letters (
  id TEXT PRIMARY KEY,
  queue TEXT NOT NULL,
  received_at_ms INTEGER NOT NULL,
  sku TEXT,
  body TEXT NOT NULL,
  error TEXT
) WITHOUT ROWID;

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  -- Of a publishable key: the origins of the pages it may stand in.
  origins TEXT,
  created_at_ms INTEGER NOT NULL,
  revoked_at_ms INTEGER
) WITHOUT ROWID;

-- Order lines whose SKU nobody knows, kept until somebody maps them.
CREATE TABLE unmatched_lines (
  channel TEXT NOT NULL,
  order_id TEXT NOT NULL,
  line_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  -- What the channel calls the item, as JSON, and its title there; if the channel said so.
  external TEXT,
  title TEXT,
  received_at_ms INTEGER NOT NULL,
  PRIMARY KEY (channel, order_id, line_id)
) WITHOUT ROWID;
CREATE INDEX unmatched_lines_at ON unmatched_lines (received_at_ms, channel, order_id, line_id);
