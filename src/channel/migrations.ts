/**
 * The schema of a ChannelObject, as an append-only list: a released step is never edited, only followed.
 * Listings have no index on what changes with their stock: each would cost a row written with every change, and what
 * is due needs to be looked for only after a start. Which item of the channel a listing is changes by hand.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE listings (
     sku TEXT PRIMARY KEY,
     state TEXT NOT NULL,
     is_explicit INTEGER NOT NULL,
     published_at_ms INTEGER,
     item_key TEXT,
     listing TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX listings_by_item ON listings (item_key) WHERE item_key IS NOT NULL;
   CREATE TABLE channel (
     part TEXT PRIMARY KEY,
     value TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE vault (
     name TEXT PRIMARY KEY,
     sealed TEXT NOT NULL
   ) WITHOUT ROWID;`,
  `CREATE TABLE inbox (
     seq INTEGER PRIMARY KEY,
     id TEXT NOT NULL,
     state TEXT NOT NULL,
     received_at_ms INTEGER NOT NULL,
     detail TEXT,
     replays INTEGER NOT NULL,
     fact TEXT NOT NULL
   );
   CREATE TABLE deliveries (
     key TEXT PRIMARY KEY,
     received_at_ms INTEGER NOT NULL
   ) WITHOUT ROWID;`,
  `CREATE TABLE runs (
     kind TEXT NOT NULL,
     id TEXT NOT NULL,
     created_at_ms INTEGER NOT NULL,
     run TEXT NOT NULL,
     PRIMARY KEY (kind, id)
   ) WITHOUT ROWID;
   CREATE TABLE run_pages (
     kind TEXT NOT NULL,
     page INTEGER NOT NULL,
     kept TEXT NOT NULL,
     PRIMARY KEY (kind, page)
   ) WITHOUT ROWID;
   CREATE TABLE drift (
     sku TEXT PRIMARY KEY,
     seen_at_ms INTEGER NOT NULL,
     drift TEXT NOT NULL
   ) WITHOUT ROWID;`,
];
