import { z } from "zod";
import type { Finding } from "../../kit/adapter.ts";
import { type Problem, request } from "./client.ts";
import { issuesOf, patchQuantity } from "./publish.ts";
import { readPage } from "./read.ts";
import { QueueError, queueAttributes } from "./queue.ts";
import { type AmazonContext, defaultProductType } from "./settings.ts";
import { sellerToken } from "./token.ts";

const Subscription = z.looseObject({ payload: z.looseObject({ subscriptionId: z.string() }) });

/** Everything the adapter does at Amazon, one finding each. What depends on a failed finding is not looked at. */
export async function check(context: AmazonContext): Promise<Finding[]> {
  const token = await finding("Amazon gives an access token", () => sellerToken(context));
  if (!token.isOk) return [token, ...(await checkQueue(context))];
  return [
    token,
    ...(await checkListings(context)),
    await checkSubscription(context),
    ...(await checkQueue(context)),
  ];
}

async function checkListings(context: AmazonContext): Promise<Finding[]> {
  const name = "The seller's listings can be read";
  let items: Awaited<ReturnType<typeof readPage>>["items"];
  try {
    ({ items } = await readPage(context, undefined));
  } catch (error) {
    return [bad(name, `${messageOf(error)}. ${listingAdvice(messageOf(error))}`)];
  }
  const counted = items.find(({ quantity }) => quantity !== undefined);
  const canRead = { isOk: true, check: name };
  return counted === undefined ? [canRead] : [canRead, await checkWriting(context, counted)];
}

/** A preview of the number that is there already: validated by Amazon, never carried out. */
async function checkWriting(
  context: AmazonContext,
  { sku = "", quantity = 0 }: { readonly sku?: string | undefined; readonly quantity?: number | undefined },
): Promise<Finding> {
  const name = `The quantity of ${sku} may be set (a preview, not carried out)`;
  const productType = defaultProductType(context.settings);
  const result = await patchQuantity(context, { sellerSku: sku, productType }, quantity, true);
  if (!result.isOk) return bad(name, `${result.problem.detail}. ${listingAdvice(result.problem.detail)}`);
  return result.value.status === "INVALID" ? bad(name, issuesOf(result.value)) : { isOk: true, check: name };
}

async function checkSubscription(context: AmazonContext): Promise<Finding> {
  const name = "Amazon sends ORDER_CHANGE notifications of this seller";
  const wanted = { method: "GET", path: "/notifications/v1/subscriptions/ORDER_CHANGE" } as const;
  const result = await request(context, wanted, Subscription);
  return result.isOk ? { isOk: true, check: name } : bad(name, subscriptionAdvice(result.problem));
}

function subscriptionAdvice({ status, detail }: Problem): string {
  switch (status) {
    case 404:
      return "there is no subscription; make a destination for the queue and a subscription to ORDER_CHANGE with the Notifications API";
    case 403:
      return `${detail}. Add a role that has order data (such as Inventory and Order Tracking) to the app, and authorise it again`;
    default:
      return detail;
  }
}

async function checkQueue(context: AmazonContext): Promise<Finding[]> {
  const name = "The queue can be read";
  if (context.settings.queueUrl === undefined) {
    return [
      bad(
        "Orders are heard of",
        "set queueUrl, here or on another channel of this seller: otherwise what Amazon sells is subtracted nowhere else",
      ),
    ];
  }
  try {
    const { RedrivePolicy } = await queueAttributes(context);
    const deadLetters = "The queue has a dead-letter queue";
    if (RedrivePolicy !== undefined)
      return [
        { isOk: true, check: name },
        { isOk: true, check: deadLetters },
      ];
    const advice =
      "in SQS, edit the queue and enable a dead-letter queue: what cannot be understood is lost in the end without it";
    return [{ isOk: true, check: name }, bad(deadLetters, advice)];
  } catch (error) {
    return [bad(name, queueAdvice(error))];
  }
}

function queueAdvice(error: unknown): string {
  const type = error instanceof QueueError ? error.type : undefined;
  switch (type) {
    case "AccessDeniedException":
    case "AccessDenied":
      return `${messageOf(error)}. Permit sqs:ReceiveMessage, sqs:DeleteMessage and sqs:GetQueueAttributes on the queue to the access key's user`;
    case "InvalidClientTokenId":
    case "UnrecognizedClientException":
    case "InvalidSignatureException":
    case "SignatureDoesNotMatch":
      return `${messageOf(error)}. awsAccessKeyId or awsSecretAccessKey is wrong`;
    case "QueueDoesNotExist":
    case "NonExistentQueue":
      return `${messageOf(error)}. See queueUrl`;
    default:
      return messageOf(error);
  }
}

function listingAdvice(detail: string): string {
  if (detail.startsWith("HTTP 403")) {
    return "Add the Product Listing role to the app, and authorise it again for this seller; see sellerId and region too";
  }
  if (detail.startsWith("HTTP 400")) return "See sellerId and marketplaceId";
  return "";
}

async function finding(name: string, look: () => Promise<unknown>): Promise<Finding> {
  try {
    await look();
    return { isOk: true, check: name };
  } catch (error) {
    return bad(name, messageOf(error));
  }
}

function bad(name: string, advice: string): Finding {
  return { isOk: false, check: name, advice: advice.trim() };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
