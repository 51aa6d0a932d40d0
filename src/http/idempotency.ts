import type { Context } from "hono";
import { limits } from "../protocol/limits.ts";
import type { AppEnv } from "./app-env.ts";
import { sha256Hex } from "./key-format.ts";
import { ProblemError } from "./problem.ts";

/** What is no longer is kept as it is: a digest takes time and would not be shorter by much. */
const fingerprintLengthMax = 128;

/** What makes a request safe to repeat: the caller's key, scoped to the caller, and a digest of what was asked. */
export interface Idempotency {
  readonly key: string;
  readonly fingerprint: string;
}

/**
 * The Idempotency-Key of a request (draft-ietf-httpapi-idempotency-key-header: a quoted string; the bare form
 * everybody sends is accepted too). Throws 400 if it is missing or not 1-255 visible characters.
 */
export async function idempotencyOf(c: Context<AppEnv>, payload: object): Promise<Idempotency> {
  const key = keyOf(c);
  if (key === undefined) {
    const detail = "send an Idempotency-Key header: a new one per mutation, the same one when you retry it";
    throw new ProblemError("idempotency-key-missing", { detail });
  }
  return scopedTo(c, key, payload);
}

/** A key as the caller sent it, scoped to the caller; also for an item of a bulk request, which brings its own. */
export async function scopedTo(c: Context<AppEnv>, key: string, payload: object): Promise<Idempotency> {
  return { key: `${c.get("principal").id}\n${key}`, fingerprint: await fingerprintOf(c, payload) };
}

function keyOf(c: Context<AppEnv>): string | undefined {
  const header = c.req.header("idempotency-key");
  if (header === undefined || header === "") return undefined;
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (key.length < 1 || key.length > limits.idempotencyKeyLengthMax || !/^[\x21-\x7e]+$/.test(key)) {
    const detail = `use 1 to ${limits.idempotencyKeyLengthMax} visible ASCII characters`;
    throw new ProblemError("idempotency-key-invalid", { detail });
  }
  return key;
}

/**
 * Method, path and body, or a digest of them if they are longer than one; bodies that mean the same have the same one,
 * whatever the order of fields.
 */
async function fingerprintOf(c: Context<AppEnv>, payload: object): Promise<string> {
  const text = `${c.req.method} ${c.req.path}\n${canonical(payload)}`;
  return text.length <= fingerprintLengthMax ? text : sha256Hex(text);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`);
  return `{${fields.join(",")}}`;
}
