/**
 * The schema of a ChannelObject, as an append-only list: a released step is never edited, only followed.
 * Listings have no index besides their key: each would cost a row written with every change, and what is due
 * needs to be looked for only after a start.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE listings (
     sku TEXT PRIMARY KEY,
     state TEXT NOT NULL,
     is_explicit INTEGER NOT NULL,
     published_at_ms INTEGER,
     listing TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE channel (
     part TEXT PRIMARY KEY,
     value TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE vault (
     name TEXT PRIMARY KEY,
     sealed TEXT NOT NULL
   ) WITHOUT ROWID;`,
];
