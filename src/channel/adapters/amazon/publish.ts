import { z } from "zod";
import { unreachable } from "../../../stock/refusal.ts";
import type { Publication, PublishResult } from "../../kit/adapter.ts";
import { words } from "../../kit/words.ts";
import { type Problem, request } from "./client.ts";
import { type AmazonItem, itemOf } from "./item.ts";
import { type AmazonContext, channelCode, verifyAfterMs } from "./settings.ts";

const Issue = z.looseObject({
  code: z.string(),
  message: z.string(),
  severity: z.string(),
  attributeNames: z.array(z.string()).optional(),
});

/** `ListingsItemSubmissionResponse` of Listings Items API 2021-08-01. */
const Submission = z.looseObject({
  sku: z.string(),
  status: z.enum(["ACCEPTED", "INVALID", "VALID"]),
  issues: z.array(Issue).optional(),
});
type Submission = z.infer<typeof Submission>;

/** Amazon takes one SKU a call. */
export async function publish(
  context: AmazonContext,
  publications: readonly Publication[],
): Promise<PublishResult[]> {
  return Promise.all(publications.map((publication) => publishOne(context, publication)));
}

async function publishOne(context: AmazonContext, publication: Publication): Promise<PublishResult> {
  const item = itemOf(publication, context.settings);
  const result = await patchQuantity(context, item, publication.quantity);
  return result.isOk ? judge(result.value, context) : resultOf(result.problem);
}

/**
 * Changes an item's quantity and nothing else: `merge` leaves the other attributes of the same fulfilment channel as
 * they are. A preview is validated and not carried out.
 */
export function patchQuantity(
  context: AmazonContext,
  { sellerSku, productType }: AmazonItem,
  quantity: number,
  isPreview = false,
) {
  const { sellerId, marketplaceId } = context.settings;
  const value = [{ fulfillment_channel_code: channelCode(context.settings), quantity }];
  const query = {
    marketplaceIds: marketplaceId,
    includedData: "issues",
    ...(isPreview && { mode: "VALIDATION_PREVIEW" }),
  };
  const path = `/listings/2021-08-01/items/${encodeURIComponent(sellerId)}/${encodeURIComponent(sellerSku)}`;
  const body = {
    productType,
    patches: [{ op: "merge", path: "/attributes/fulfillment_availability", value }],
  };
  return request(context, { method: "PATCH", path, query, body }, Submission);
}

function judge(submission: Submission, context: AmazonContext): PublishResult {
  switch (submission.status) {
    case "ACCEPTED":
      return { outcome: "ok", verifyAfterMs: verifyAfterMs(context.settings) };
    case "INVALID":
      return { outcome: "rejected", detail: issuesOf(submission) };
    case "VALID":
      return { outcome: "retry", detail: "Amazon has only validated the quantity, and not taken it" };
    default:
      return unreachable(submission.status);
  }
}

/** The errors in Amazon's words; whatever else it says if it names no error. */
export function issuesOf({ issues = [] }: Submission): string {
  const errors = issues.filter(({ severity }) => severity === "ERROR");
  const told = errors.length > 0 ? errors : issues;
  if (told.length === 0) return "Amazon calls the quantity invalid and names no issue";
  return words(told.map(({ code, message }) => `${code}: ${message}`).join("; "));
}

/** What a failed request means for its publication. */
function resultOf({ status, detail, retryAfterMs }: Problem): PublishResult {
  // 400, 413 and 415 are about this request; everything else about the seller, the app or Amazon itself.
  if (status === 400 || status === 404 || status === 413 || status === 415)
    return { outcome: "rejected", detail };
  return { outcome: "retry", detail, retryAfterMs };
}
