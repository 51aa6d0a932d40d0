import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";

interface FloorEnv {
  NOOP: DurableObjectNamespace<NoopObject>;
  ROW: DurableObjectNamespace<RowObject>;
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

export default app;
