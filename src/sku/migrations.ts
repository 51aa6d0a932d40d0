/**
 * The schema of a SkuObject, as an append-only list: a released step is never edited, only followed.
 * Rows written per statement are the bill (docs/architecture.md), hence WITHOUT ROWID and few indexes.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE ledger (
     epoch TEXT NOT NULL,
     version INTEGER NOT NULL,
     at_ms INTEGER NOT NULL,
     key TEXT,
     fingerprint TEXT,
     event TEXT NOT NULL,
     view TEXT,
     PRIMARY KEY (epoch, version)
   ) WITHOUT ROWID;
   CREATE UNIQUE INDEX ledger_key ON ledger (key) WHERE key IS NOT NULL;
   CREATE TABLE answers (
     key TEXT PRIMARY KEY,
     fingerprint TEXT NOT NULL,
     at_ms INTEGER NOT NULL,
     epoch TEXT NOT NULL,
     version INTEGER NOT NULL,
     answer TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE order_lines (
     channel TEXT NOT NULL,
     order_id TEXT NOT NULL,
     line_id TEXT NOT NULL,
     line TEXT NOT NULL,
     PRIMARY KEY (channel, order_id, line_id)
   ) WITHOUT ROWID;
   CREATE TABLE ended_reservations (
     page INTEGER PRIMARY KEY,
     records TEXT NOT NULL
   );
   CREATE TABLE head (
     part INTEGER PRIMARY KEY,
     schema_step INTEGER NOT NULL,
     confirmed_epoch TEXT NOT NULL,
     confirmed_version INTEGER NOT NULL,
     used_by TEXT NOT NULL,
     followers TEXT NOT NULL,
     state TEXT NOT NULL
   );`,
];
