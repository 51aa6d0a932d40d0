import type { Context } from "hono";
import type { Position } from "../protocol/position.ts";
import type { StockEventsMessage } from "../protocol/queue.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import type { Mutation } from "../stock/mutation.ts";
import { publishEvent } from "../stock/publish.ts";
import type { AppEnv } from "../http/app-env.ts";
import { type Idempotency } from "../http/idempotency.ts";
import { ProblemError, refusalProblem, replayHeaders } from "../http/problem.ts";
import { sendNews } from "./send-news.ts";

export type Done = Extract<MutationResult, { outcome: "done" }>;

/** Has a SkuObject apply a mutation; throws the refusal as a problem. */
export async function mutateSku(
  c: Context<AppEnv>,
  sku: string,
  mutation: Mutation,
  idempotency: Idempotency,
  ifMatch?: Position[],
): Promise<Done> {
  const request = { mutation: { ...mutation, actor: c.get("principal").id }, ...idempotency, ifMatch };
  return doneOr(sku, resultOf(c, await c.env.SKU.getByName(sku).mutateAndHandOver([request])));
}

/** Has a SkuObject decide a mutation. */
export async function askSku(
  c: Context<AppEnv>,
  sku: string,
  request: MutationRequest,
): Promise<MutationResult> {
  return resultOf(c, await c.env.SKU.getByName(sku).mutateAndHandOver([request]));
}

function resultOf(
  c: Context<AppEnv>,
  { results: [result], news }: { results: MutationResult[]; news: StockEventsMessage[] },
): MutationResult {
  sendNews(c, news);
  if (result === undefined) throw new ProblemError("internal-error");
  return result;
}

/** What was done; throws what was refused. */
export function doneOr(sku: string, result: MutationResult): Done {
  if (result.outcome === "refused") throw refusalProblem(sku, result);
  return result;
}

/** The answer `{ event, stock }` of a mutation, with its ETag and whether it is a replay. */
export function mutationResponse<Status extends 200 | 201>(c: Context, result: Done, status: Status) {
  const { event, position, stock, replayed } = result;
  const published = event && publishEvent(stock.sku, position, event);
  return c.json({ ...(published && { event: published }), stock }, status, replayHeaders(position, replayed));
}
