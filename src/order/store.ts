import { hasSchema, migrate, type Sql } from "../storage/schema.ts";
import type { Order } from "./order.ts";

/** Append-only. An order is one row, read and written whole; it is in `pending` while its SKUs have not all answered. */
const migrations: readonly string[] = [
  `CREATE TABLE orders (order_id TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE pending (order_id TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;`,
];

export class OrderStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  exists(): boolean {
    return hasSchema(this.#sql);
  }

  migrate(): void {
    migrate(this.#sql, migrations);
  }

  load(orderId: string): Order | undefined {
    const [row] = this.#sql
      .exec<{ content: string }>(
        `SELECT content FROM pending WHERE order_id = ?1
         UNION ALL SELECT content FROM orders WHERE order_id = ?1 LIMIT 1`,
        orderId,
      )
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.content) as Order);
  }

  /** Ids of orders whose SKUs have not all answered. */
  pending(): string[] {
    return this.#sql
      .exec<{ order_id: string }>("SELECT order_id FROM pending ORDER BY order_id")
      .toArray()
      .map((row) => row.order_id);
  }

  savePending(order: Order): void {
    this.#save("pending", order);
  }

  /** Keeps an order whose SKUs have all answered. */
  saveDone(order: Order): void {
    this.#sql.exec("DELETE FROM pending WHERE order_id = ?", order.orderId);
    this.#save("orders", order);
  }

  #save(table: "orders" | "pending", order: Order): void {
    this.#sql.exec(
      `INSERT INTO ${table} (order_id, content) VALUES (?, ?) ON CONFLICT DO UPDATE SET content = excluded.content`,
      order.orderId,
      JSON.stringify(order),
    );
  }
}
