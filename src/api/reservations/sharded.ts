import type { Context } from "hono";
import { homeOf, parseHoldId, type ShardAddress, shardName } from "../../escrow/address.ts";
import type { ChangeAsk, HoldView, ShardAnswer } from "../../escrow/contract.ts";
import type { AppEnv } from "../../http/app-env.ts";
import type { Idempotency } from "../../http/idempotency.ts";
import { ifMatchOf } from "../../http/precondition.ts";
import { ProblemError, refusalProblem, replayHeaders } from "../../http/problem.ts";
import type { GuardRefusal, MutationRequest, MutationResult } from "../../sku/contract.ts";
import { type ReservationAnswer, unknownReservation } from "./answer.ts";

/**
 * How long this isolate remembers that a SKU has shards: less than what a number of shards outlasts its end by
 * (`limits.shardKeysRetentionMs`), so that nobody asks the shards of an earlier number.
 */
const rememberedMs = 1_800_000;

/** SKUs that are sold by shards, as their objects told this isolate. A plain SKU costs a look at an empty map. */
const remembered = new Map<string, { readonly shards: number; readonly untilMs: number }>();

export function knownShards(sku: string): number | undefined {
  const known = remembered.get(sku);
  if (known === undefined) return undefined;
  if (Date.now() < known.untilMs) return known.shards;
  remembered.delete(sku);
  return undefined;
}

export function learnShards(sku: string, shards: number): number {
  remembered.set(sku, { shards, untilMs: Date.now() + rememberedMs });
  return shards;
}

type ForShard = Extract<MutationResult, { outcome: "refused" }> & {
  readonly refusal: Extract<GuardRefusal, { code: "ask-shard" }>;
};

/** Whether a SkuObject says that a shard is to be asked. */
export function isForShard(result: MutationResult): result is ForShard {
  return result.outcome === "refused" && result.refusal.code === "ask-shard";
}

/** Asks the shard of a key for a hold. What only the SKU can decide is passed on to it: it knows all locations and versions. */
export async function askShard(
  c: Context<AppEnv>,
  sku: string,
  request: MutationRequest & Idempotency,
  shards: number,
  isOfBulk = false,
): Promise<ShardAnswer> {
  const { mutation, ifMatch, key } = request;
  const isPlaced =
    mutation.type === "reserve" && (mutation.location !== undefined || mutation.locations !== undefined);
  const isForSku = isOfBulk || isPlaced || ifMatch !== undefined;
  const [answer] = await shardAt(c, { sku, shard: homeOf(key, shards) }).hold([
    { type: "hold", request, isForSku },
  ]);
  if (answer === undefined) throw new ProblemError("internal-error");
  return answer;
}

/** Has the shard of a hold change it. */
export async function changeInShard(c: Context<AppEnv>, ask: ChangeAsk): Promise<ShardAnswer> {
  const [answer] = await shardAt(c, addressOf(ask.id)).change([ask]);
  if (answer === undefined) throw new ProblemError("internal-error");
  return answer;
}

/** The same, of what the shard decides alone. */
export async function changeAlone(c: Context<AppEnv>, ask: ChangeAsk): Promise<ReservationAnswer> {
  refuseVersion(c);
  return shardAnswer(addressOf(ask.id).sku, await changeInShard(c, ask));
}

/** Refuses If-Match (400): what a shard does has no version of the SKU. */
export function refuseVersion(c: Context): void {
  if (ifMatchOf(c) === undefined) return;
  const detail =
    "a shard holds this reservation, and changes of it have no version of the SKU; leave If-Match out";
  throw new ProblemError("precondition-invalid", { detail });
}

export async function readOfShard(c: Context<AppEnv>, id: string): Promise<ReservationAnswer> {
  const address = addressOf(id);
  const hold = await shardAt(c, address).reservation(id);
  if (hold === undefined) throw unknownReservation();
  return { view: viewOf(address.sku, hold), headers: {} };
}

/** What a shard answered itself; throws what it refused. */
export function shardAnswer(sku: string, answer: ShardAnswer): ReservationAnswer {
  if (answer.outcome === "refused") throw refusalProblem(sku, answer);
  if (answer.outcome === "of-sku") throw new Error("the SKU has answered, not its shard");
  const { hold, replayed } = answer;
  return { view: viewOf(sku, hold), headers: replayHeaders(hold, replayed) };
}

function viewOf(sku: string, hold: HoldView): ReservationAnswer["view"] {
  const { id, status, expiresAtMs, channel, orderId, reference, quantity, location, epoch, version } = hold;
  return {
    id,
    status,
    ...(expiresAtMs !== undefined && { expiresAt: new Date(expiresAtMs).toISOString() }),
    channel,
    orderId,
    reference,
    lines: [{ sku, quantity, taken: [{ location, quantity }], epoch, version }],
    shard: { shard: hold.shard, sequence: hold.sequence },
  };
}

function shardAt(c: Context<AppEnv>, address: ShardAddress) {
  return c.env.SHARD.getByName(shardName(address));
}

function addressOf(id: string): ShardAddress {
  const address = parseHoldId(id);
  if (address === undefined) throw unknownReservation();
  return address;
}
