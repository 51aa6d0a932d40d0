import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";

interface FloorEnv {
  NOOP: DurableObjectNamespace<NoopObject>;
  ROW: DurableObjectNamespace<RowObject>;
  RECORD: DurableObjectNamespace<RecordObject>;
}

/** Does nothing: what a call to an object costs at the least. */
export class NoopObject extends DurableObject<FloorEnv> {
  async call(): Promise<{ ok: true }> {
    return { ok: true };
  }
}

/** Writes one row and nothing else: what an object that remembers anything costs at the least. */
export class RowObject extends DurableObject<FloorEnv> {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, value INTEGER)");
    ctx.storage.sql.exec("INSERT OR IGNORE INTO counter VALUES (0, 0)");
  }

  async increment(): Promise<{ ok: true }> {
    this.ctx.storage.sql.exec("UPDATE counter SET value = value + 1 WHERE id = 0");
    return { ok: true };
  }
}

interface Sale {
  readonly delta: number;
  readonly reason: string;
}

interface Answer {
  readonly event: object;
  readonly stock: object;
}

/**
 * Records a sale under its key as a ledger row of the usual length, and answers a repeated key with it: what an object that
 * sells nothing twice costs at the least. No schema is checked, nobody is asked who he is, and nobody hears of it.
 */
export class RecordObject extends DurableObject<FloorEnv> {
  #version = 0;

  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS ledger (version INTEGER PRIMARY KEY, key TEXT, answer TEXT)",
    );
    ctx.storage.sql.exec("CREATE UNIQUE INDEX IF NOT EXISTS ledger_key ON ledger (key)");
    const { last } = ctx.storage.sql
      .exec<{ last: number }>("SELECT ifnull(max(version), 0) AS last FROM ledger")
      .one();
    this.#version = last;
  }

  async record(sku: string, key: string, { delta, reason }: Sale): Promise<Answer> {
    const { sql } = this.ctx.storage;
    const [known] = sql.exec<{ answer: string }>("SELECT answer FROM ledger WHERE key = ?", key).toArray();
    if (known !== undefined) return JSON.parse(known.answer) as Answer;
    this.#version += 1;
    const left = 100_000_000 + delta * this.#version;
    const level = { onHand: left, committed: 0, reserved: 0, unavailable: 0, incoming: 0, available: left };
    const atMs = Date.now();
    const event = { type: "adjusted", atMs, actor: "admin", location: "default", delta, reason };
    const locations = [{ location: "default", ...level }];
    const asOf = new Date(atMs).toISOString();
    const stock = {
      sku,
      status: "in_stock",
      ...level,
      safetyStock: 0,
      locations,
      version: this.#version,
      asOf,
    };
    const answer = { event, stock };
    sql.exec("INSERT INTO ledger VALUES (?, ?, ?)", this.#version, key, JSON.stringify(answer));
    return answer;
  }
}

const app = new Hono<{ Bindings: FloorEnv }>();

app.post("/noop/:sku", async (c) => {
  await c.req.json();
  return c.json(await c.env.NOOP.getByName(c.req.param("sku")).call());
});
app.get("/noop/:sku", async (c) => c.json(await c.env.NOOP.getByName(c.req.param("sku")).call()));
app.post("/row/:sku", async (c) => {
  await c.req.json();
  return c.json(await c.env.ROW.getByName(c.req.param("sku")).increment());
});
app.post("/record/:sku", async (c) => {
  const sku = c.req.param("sku");
  const sale = await c.req.json<Sale>();
  return c.json(await c.env.RECORD.getByName(sku).record(sku, c.req.header("idempotency-key") ?? "", sale));
});

export default app;
