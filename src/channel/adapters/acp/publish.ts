import { z } from "zod";
import type { Publication, PublishResult } from "../../kit/adapter.ts";
import { type ApiFailure, resultOf } from "../../kit/api-failure.ts";
import { eventId } from "../webhook/event.ts";
import { batchId } from "../webhook/signature.ts";
import { type AcpContext, ask } from "./client.ts";
import { type Change, planOf, type Plan, planUnread, Products } from "./products.ts";
import { variantIdOf } from "./settings.ts";

const Accepted = z.looseObject({ accepted: z.boolean() });

/**
 * Tells the feed, in one read and one write. An upsert that the agent refuses is cut in halves until the product at
 * fault stands alone, so that it harms no other.
 */
export async function publish(
  context: AcpContext,
  publications: readonly Publication[],
): Promise<PublishResult[]> {
  const plan = await planFor(context, publications);
  if ("outcome" in plan) return publications.map(() => resultOf(plan));
  const results = new Map<Publication, PublishResult>();
  for (const settled of plan.settled) results.set(settled, { outcome: "ok" });
  for (const missing of plan.missing) results.set(missing, notThere(missing));
  await upsert(context, plan.changes, results);
  const unanswered = { outcome: "retry", detail: "not sent" } as const;
  return publications.map((publication) => results.get(publication) ?? unanswered);
}

async function planFor(
  context: AcpContext,
  publications: readonly Publication[],
): Promise<Plan | ApiFailure> {
  const isWhole = (context.settings.upserts ?? "products") === "products";
  const unread = isWhole ? undefined : planUnread(publications);
  if (unread !== undefined) return unread;
  const read = await ask(context, { method: "GET", path: "/products" }, Products);
  return read.outcome === "failed" ? read : planOf(read.value.products, publications, isWhole);
}

async function upsert(
  context: AcpContext,
  changes: readonly Change[],
  results: Map<Publication, PublishResult>,
): Promise<void> {
  if (changes.length === 0) return;
  const result = await send(context, changes);
  if (result.outcome !== "rejected" || changes.length === 1) {
    for (const { publications } of changes) for (const one of publications) results.set(one, result);
    return;
  }
  const middle = Math.ceil(changes.length / 2);
  await upsert(context, changes.slice(0, middle), results);
  await upsert(context, changes.slice(middle), results);
}

async function send(context: AcpContext, changes: readonly Change[]): Promise<PublishResult> {
  const body = JSON.stringify({ products: changes.map(({ product }) => product) });
  const told = changes.flatMap(({ publications }) => publications.map(eventId));
  const idempotencyKey = await batchId([...told, body]);
  const answer = await ask(context, { method: "PATCH", path: "/products", body, idempotencyKey }, Accepted);
  if (answer.outcome === "failed") return resultOf(answer);
  if (answer.value.accepted) return { outcome: "ok" };
  return { outcome: "rejected", detail: "the agent did not accept the products, and does not say why" };
}

function notThere(publication: Publication): PublishResult {
  const id = variantIdOf(publication);
  return { outcome: "rejected", detail: `the feed has no variant "${id}"; upload the product first` };
}
