/** The schema of a ShardObject, as an append-only list: a released step is never edited, only followed. */
export const migrations: readonly string[] = [
  `CREATE TABLE head (
     part INTEGER PRIMARY KEY,
     state TEXT NOT NULL,
     pruned_at_ms INTEGER NOT NULL
   );
   CREATE TABLE known_keys (
     part INTEGER PRIMARY KEY,
     filter TEXT NOT NULL
   );
   CREATE TABLE answers (
     key TEXT PRIMARY KEY,
     fingerprint TEXT NOT NULL,
     at_ms INTEGER NOT NULL,
     answer TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE open_holds (
     sequence INTEGER PRIMARY KEY,
     hold TEXT NOT NULL
   );
   CREATE TABLE ended_holds (
     sequence INTEGER PRIMARY KEY,
     at_ms INTEGER NOT NULL,
     hold TEXT NOT NULL
   );`,
];
