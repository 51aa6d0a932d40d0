import { z } from "zod";
import { type ApiResult, request, type WooContext } from "./client.ts";
import { Webhook } from "./shapes.ts";

/** Topics without which orders are told only by polling. */
export const neededTopics: readonly string[] = ["order.created", "order.updated"];

const webhookPagesMax = 5;
const pageSize = 100;

/** The shop's webhooks that lead to this channel, whatever the host name of the service is. */
export async function findWebhooks(context: WooContext): Promise<ApiResult<Webhook[]>> {
  const found: Webhook[] = [];
  for (let page = 1; page <= webhookPagesMax; page += 1) {
    const query = { page: String(page), per_page: String(pageSize), orderby: "id", order: "asc" };
    const result = await request(context, { method: "GET", path: "webhooks", query }, z.array(Webhook));
    if (!result.isOk) return result;
    found.push(...result.value.filter((webhook) => leadsHere(webhook, context.channel)));
    if (result.value.length < pageSize) break;
  }
  return { isOk: true, value: found };
}

/**
 * WooCommerce turns a webhook off after more than 5 failed deliveries in a row. It is turned on again; one that a
 * person has paused stays so. Answers which ones could not be, in words.
 */
export async function reviveWebhooks(context: WooContext): Promise<string[]> {
  const found = await findWebhooks(context);
  if (!found.isOk) return [found.problem.detail];
  const failures: string[] = [];
  for (const { id } of found.value.filter(({ status }) => status === "disabled")) {
    const put = { method: "PUT", path: `webhooks/${id}`, body: { status: "active" } } as const;
    const result = await request(context, put, Webhook);
    if (!result.isOk) failures.push(result.problem.detail);
  }
  return failures;
}

function leadsHere({ delivery_url }: Webhook, channel: string): boolean {
  const path = URL.parse(delivery_url)?.pathname ?? "";
  return path.endsWith(`/v1/channels/${channel}/inbound`);
}
