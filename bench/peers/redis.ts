import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Redis } from "ioredis";

/**
 * The same service on Redis: one script checks, takes, remembers the answer under its key, and adds to a stream.
 *
 * Usage: node bench/peers/redis.ts PORT REDIS_PORT
 */
const [port, redisPort] = process.argv.slice(2);
const redis = new Redis({ host: "127.0.0.1", port: Number(redisPort) });

const buyScript = `
  local known = redis.call('GET', KEYS[2])
  if known then return known end
  local available = tonumber(redis.call('HGET', KEYS[1], 'available') or '0')
  local answer
  if available >= 1 then
    available = redis.call('HINCRBY', KEYS[1], 'available', -1)
    local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
    redis.call('XADD', KEYS[3], '*', 'sku', KEYS[1], 'version', version, 'available', available)
    answer = cjson.encode({ status = 200, available = available })
  else
    answer = cjson.encode({ status = 409, available = 0 })
  end
  redis.call('SET', KEYS[2], answer)
  return answer`;
const digest = (await redis.script("LOAD", buyScript)) as string;

const app = new Hono();
app.post("/stock", async (c) => {
  const { skus, units } = await c.req.json<{ skus: string[]; units: number }>();
  const pipeline = redis.pipeline();
  for (const sku of skus)
    pipeline.hset(`stock:${sku}`, "available", units).hincrby(`stock:${sku}`, "version", 1);
  await pipeline.exec();
  return c.json({});
});
app.get("/stock/:sku", async (c) => {
  const [available, version] = await redis.hmget(`stock:${c.req.param("sku")}`, "available", "version");
  return c.json({ available: Number(available), version: Number(version) });
});
app.post("/buy/:sku", async (c) => {
  await c.req.json();
  const keys = [`stock:${c.req.param("sku")}`, `key:${c.req.header("idempotency-key") ?? ""}`, "outbox"];
  const text = (await redis.evalsha(digest, keys.length, ...keys)) as string;
  const answer = JSON.parse(text) as { status: 200 | 409; available: number };
  return c.json(answer, answer.status);
});
serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" }, () => console.log("ready http"));
