import { createRoute, z } from "@hono/zod-openapi";
import { ledgerOf } from "../../ledger/bindings.ts";
import { insertKey, listKeys, revokeKey, type StoredKey } from "../../ledger/keys.ts";
import { CurrentKey, KeyView, NewKeyAnswer } from "../../protocol/answers.ts";
import { KeyBody } from "../../protocol/requests.ts";
import { newKey, newKeyId, sha256Hex } from "../../http/key-format.ts";
import { jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { ProblemError } from "../../http/problem.ts";

export const keys = newRouter();

const tags = ["Keys"];

keys.openapi(
  createRoute({
    method: "post",
    path: "/v1/keys",
    tags,
    summary: "Make an API key; it is shown this once",
    request: jsonBody(KeyBody),
    responses: { 201: jsonAnswer("The key", NewKeyAnswer), ...problems() },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const key = newKey();
    const stored = { id: newKeyId(), ...body, createdAtMs: Date.now() };
    await insertKey(ledgerOf(c.env).first, stored, await sha256Hex(key));
    return c.json({ ...toView(stored), key }, 201);
  },
);

keys.openapi(
  createRoute({
    method: "get",
    path: "/v1/keys",
    tags,
    summary: "List API keys, without the keys themselves",
    responses: { 200: jsonAnswer("All keys", z.object({ items: z.array(KeyView) })), ...problems() },
  }),
  async (c) => c.json({ items: (await listKeys(ledgerOf(c.env).first)).map(toView) }, 200),
);

keys.openapi(
  createRoute({
    method: "get",
    path: "/v1/keys/current",
    tags,
    summary: "Who this request's key is, and what it may do",
    responses: { 200: jsonAnswer("The key of this request", CurrentKey), ...problems() },
  }),
  async (c) => {
    const { id, scopes } = c.get("principal");
    return c.json({ id, scopes: [...scopes] }, 200);
  },
);

keys.openapi(
  createRoute({
    method: "delete",
    path: "/v1/keys/{id}",
    tags,
    summary: "Revoke a key: refused everywhere within 5 s",
    request: { params: z.object({ id: z.string() }) },
    responses: { 204: { description: "Revoked" }, ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    if (!(await revokeKey(ledgerOf(c.env).first, id, Date.now()))) throw new ProblemError("key-not-found");
    return c.body(null, 204);
  },
);

function toView(key: StoredKey): z.infer<typeof KeyView> {
  const { id, name, scopes, origins, rateLimit, createdAtMs, revokedAtMs } = key;
  return {
    id,
    name,
    scopes,
    ...(origins !== undefined && { origins }),
    ...(rateLimit !== undefined && { rateLimit }),
    createdAt: new Date(createdAtMs).toISOString(),
    ...(revokedAtMs !== undefined && { revokedAt: new Date(revokedAtMs).toISOString() }),
  };
}
