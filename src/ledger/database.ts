/** The part of D1 that the ledger uses: enough to run its SQL anywhere SQLite runs. */
export interface Database {
  prepare(sql: string): Statement;
  /** Runs statements in order, all or none of them. */
  batch<Row>(statements: Statement[]): Promise<Rows<Row>[]>;
}

export interface Statement {
  bind(...values: unknown[]): Statement;
  all<Row>(): Promise<Rows<Row>>;
  first<Row>(): Promise<Row | null>;
  run(): Promise<{ meta: { changes: number } }>;
}

/** The rows a query found. Their type is the caller's word: SQL has none. */
export interface Rows<Row> {
  results: Row[];
}
