import { z } from "zod";
import { request } from "./client.ts";
import type { EbayContext } from "./settings.ts";
import { PublicKey } from "./signature.ts";

/** eBay asks that a key is kept for about an hour (Notification API, getPublicKey). */
const freshMs = 3_600_000;
/** eBay waits for the answer to its notification meanwhile. */
const fetchLimit = { timeoutMs: 5_000, bodyBytesMax: 16_384 };
/** Whoever invents key ids must not make us call eBay for each. */
const unknownKeysMax = 10;
const unknownKeysPerMs = 60_000;
/** eBay rotates its keys seldom; older ones are forgotten. */
const keptMax = 4;

const Kept = z.strictObject({ keyId: z.string(), publicKey: PublicKey, fetchedAtMs: z.number() });
type Kept = z.infer<typeof Kept>;
const KeptKeys = z.array(Kept);

interface Ring {
  keys?: Kept[];
  /** When keys were fetched lately, in ms. */
  fetchesMs: number[];
  readonly fetching: Map<string, Promise<KeyResult>>;
}

const rings = new WeakMap<EbayContext, Ring>();
const vaultName = "public-keys";

export type KeyResult =
  | { readonly isOk: true; readonly publicKey: PublicKey }
  | { readonly isOk: false; readonly detail: string };

/** A key that eBay signs with: from memory, from the vault, or, in bounded time, from eBay. */
export async function publicKeyOf(context: EbayContext, keyId: string): Promise<KeyResult> {
  const ring = ringOf(context);
  ring.keys ??= await readKept(context);
  const nowMs = context.now();
  const kept = ring.keys.find((one) => one.keyId === keyId);
  if (kept !== undefined && nowMs - kept.fetchedAtMs < freshMs)
    return { isOk: true, publicKey: kept.publicKey };
  const fetched = await fetchOnce(context, ring, keyId, nowMs);
  // A key id never gets another key, so an old one is better than none.
  if (!fetched.isOk && kept !== undefined) return { isOk: true, publicKey: kept.publicKey };
  if (fetched.isOk) await keep(context, ring, { keyId, publicKey: fetched.publicKey, fetchedAtMs: nowMs });
  return fetched;
}

/** Notifications come in bursts: they wait for one answer. */
async function fetchOnce(context: EbayContext, ring: Ring, keyId: string, nowMs: number): Promise<KeyResult> {
  const underWay = ring.fetching.get(keyId);
  if (underWay !== undefined) return underWay;
  const fetching = fetchKey(context, ring, keyId, nowMs);
  ring.fetching.set(keyId, fetching);
  try {
    return await fetching;
  } finally {
    ring.fetching.delete(keyId);
  }
}

async function fetchKey(context: EbayContext, ring: Ring, keyId: string, nowMs: number): Promise<KeyResult> {
  ring.fetchesMs = ring.fetchesMs.filter((atMs) => nowMs - atMs < unknownKeysPerMs);
  if (ring.fetchesMs.length >= unknownKeysMax)
    return { isOk: false, detail: "too many unknown keys were named lately" };
  ring.fetchesMs.push(nowMs);
  const wanted = {
    method: "GET",
    path: `/commerce/notification/v1/public_key/${encodeURIComponent(keyId)}`,
    grant: "application",
    limit: fetchLimit,
  } as const;
  const result = await request(context, wanted, PublicKey);
  return result.isOk
    ? { isOk: true, publicKey: result.value }
    : { isOk: false, detail: result.problem.detail };
}

async function keep(context: EbayContext, ring: Ring, kept: Kept): Promise<void> {
  const others = (ring.keys ?? []).filter(({ keyId }) => keyId !== kept.keyId);
  ring.keys = [kept, ...others].slice(0, keptMax);
  await context.vault.write(vaultName, JSON.stringify(ring.keys));
}

async function readKept(context: EbayContext): Promise<Kept[]> {
  const text = await context.vault.read(vaultName);
  return text === undefined ? [] : KeptKeys.parse(JSON.parse(text));
}

function ringOf(context: EbayContext): Ring {
  const known = rings.get(context);
  if (known !== undefined) return known;
  const ring: Ring = { fetchesMs: [], fetching: new Map() };
  rings.set(context, ring);
  return ring;
}
