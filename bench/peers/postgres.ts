import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Pool, type PoolClient } from "pg";

/**
 * The service that a careful team would write on PostgreSQL: one transaction of a conditional update, an idempotency row
 * and an outbox row, either statement by statement or as one function in the database.
 *
 * Usage: node bench/peers/postgres.ts PORT transaction|function POOL_SIZE DATABASE_URL
 */
const [port, way, poolSize, connectionString] = process.argv.slice(2);
const pool = new Pool({ connectionString, max: Number(poolSize) });

interface Bought {
  readonly status: 200 | 409;
  readonly available: number;
}

async function buyInTransaction(sku: string, key: string): Promise<Bought> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const bought = await buy(client, sku, key);
    await client.query("COMMIT");
    return bought;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

async function buy(client: PoolClient, sku: string, key: string): Promise<Bought> {
  const fresh = await client.query("INSERT INTO answers (key) VALUES ($1) ON CONFLICT DO NOTHING", [key]);
  if (fresh.rowCount === 0) {
    const known = await client.query<{ answer: Bought }>("SELECT answer FROM answers WHERE key = $1", [key]);
    const [row] = known.rows;
    if (row === undefined) throw new Error("a key without an answer");
    return row.answer;
  }
  const taken = await client.query<{ available: number; version: number }>(
    `UPDATE stock SET available = available - 1, version = version + 1
     WHERE sku = $1 AND available >= 1 RETURNING available, version`,
    [sku],
  );
  const [stock] = taken.rows;
  const answer: Bought =
    stock === undefined ? { status: 409, available: 0 } : { status: 200, available: stock.available };
  if (stock !== undefined) {
    await client.query("INSERT INTO outbox (sku, version, available) VALUES ($1, $2, $3)", [
      sku,
      stock.version,
      stock.available,
    ]);
  }
  await client.query("UPDATE answers SET answer = $2 WHERE key = $1", [key, answer]);
  return answer;
}

async function buyByFunction(sku: string, key: string): Promise<Bought> {
  const { rows } = await pool.query<{ answer: Bought }>("SELECT buy($1, $2) AS answer", [sku, key]);
  const [row] = rows;
  if (row === undefined) throw new Error("no answer");
  return row.answer;
}

await pool.query(`
  CREATE TABLE IF NOT EXISTS stock (sku text PRIMARY KEY, available integer NOT NULL, version integer NOT NULL);
  CREATE TABLE IF NOT EXISTS answers (key text PRIMARY KEY, answer jsonb);
  CREATE TABLE IF NOT EXISTS outbox (id bigserial PRIMARY KEY, sku text, version integer, available integer);
  CREATE OR REPLACE FUNCTION buy(wanted text, idempotency_key text) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    known jsonb;
    stock_after stock%ROWTYPE;
  BEGIN
    INSERT INTO answers (key) VALUES (idempotency_key) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      SELECT answer INTO known FROM answers WHERE key = idempotency_key;
      RETURN known;
    END IF;
    UPDATE stock SET available = available - 1, version = version + 1
      WHERE sku = wanted AND available >= 1 RETURNING * INTO stock_after;
    IF FOUND THEN
      INSERT INTO outbox (sku, version, available) VALUES (wanted, stock_after.version, stock_after.available);
      known := jsonb_build_object('status', 200, 'available', stock_after.available);
    ELSE
      known := jsonb_build_object('status', 409, 'available', 0);
    END IF;
    UPDATE answers SET answer = known WHERE key = idempotency_key;
    RETURN known;
  END $$;`);

const app = new Hono();
app.post("/stock", async (c) => {
  const { skus, units } = await c.req.json<{ skus: string[]; units: number }>();
  await pool.query(
    `INSERT INTO stock SELECT unnest($1::text[]), $2, 1
     ON CONFLICT (sku) DO UPDATE SET available = excluded.available, version = stock.version + 1`,
    [skus, units],
  );
  return c.json({});
});
app.get("/stock/:sku", async (c) => {
  const { rows } = await pool.query<{ available: number; version: number }>(
    "SELECT available, version FROM stock WHERE sku = $1",
    [c.req.param("sku")],
  );
  return c.json(rows[0] ?? { available: 0, version: 0 });
});
app.post("/buy/:sku", async (c) => {
  await c.req.json();
  const key = c.req.header("idempotency-key") ?? "";
  const buyNow = way === "function" ? buyByFunction : buyInTransaction;
  const answer = await buyNow(c.req.param("sku"), key);
  return c.json(answer, answer.status);
});
serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" }, () => console.log("ready http"));
