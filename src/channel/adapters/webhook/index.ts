import { z } from "zod";
import { ExternalId } from "../../../protocol/primitives.ts";
import type { Adapter, AdapterContext, Publication, PublishResult } from "../../kit/adapter.ts";
import { judgeAnswer, readWords } from "../../kit/answer.ts";
import { withDeadline } from "../../kit/call.ts";
import { register } from "../../kit/registered.ts";
import { refuseUrl } from "../../kit/url-guard.ts";
import { testEvent, toEvent } from "./event.ts";
import { WebhookSettings } from "./settings.ts";
import { batchId, importSigningKey, signedHeaders } from "./signature.ts";

/** Signing keys by their secrets, of the configuration they belong to. */
const signingKeys = new WeakMap<AdapterContext<WebhookSettings>, Map<string, Promise<CryptoKey>>>();

/** Any HTTP endpoint: CloudEvents, signed as Standard Webhooks says. See docs/channels/webhook.md. */
const adapter: Adapter<WebhookSettings> = {
  kind: "webhook",
  semantics: "available",
  settings: WebhookSettings,
  credentials: z.record(z.string(), z.string()),
  listing: z.union([ExternalId, z.record(z.string(), ExternalId)]).optional(),

  refuse({ url }, policy) {
    const detail = refuseUrl(url, policy);
    return detail === undefined ? [] : [{ pointer: "/url", detail }];
  },

  destination: ({ url }) => url,

  // Fair to a small server, and well above what one shop's stock changes.
  limits: ({ batch = 1 }) => ({ batchMax: batch, concurrency: 5, ratePerSecond: 1_000, burst: 1_000 }),

  shown: ({ quantity, available, status }) => JSON.stringify([quantity, available, status]),

  itemKey: (external) => JSON.stringify(external),

  async publish(context, publications) {
    const result = await deliver(context, publications);
    return publications.map(() => result);
  },

  async check(context) {
    const event = testEvent(context.channel, context.now());
    const result = await send(context, [event]);
    const check = "The endpoint takes signed requests";
    return ["detail" in result ? { isOk: false, check, advice: result.detail } : { isOk: true, check }];
  },
};

async function deliver(
  context: AdapterContext<WebhookSettings>,
  publications: readonly Publication[],
): Promise<PublishResult> {
  return send(context, publications.map(toEvent));
}

async function send(
  context: AdapterContext<WebhookSettings>,
  events: readonly { readonly id: string }[],
): Promise<PublishResult> {
  const [first] = events;
  const isAlone = context.settings.batch === undefined && first !== undefined;
  const body = JSON.stringify(isAlone ? first : events);
  const id = isAlone ? first.id : await batchId(events.map((event) => event.id));
  const timestampSeconds = Math.floor(context.now() / 1000);
  const signature = await signedHeaders(await keysOf(context), id, timestampSeconds, body);
  const headers = {
    "content-type": `application/cloudevents${isAlone ? "" : "-batch"}+json`,
    "user-agent": "Stockwire/1",
    ...signature,
  };
  const request = { method: "POST", headers, body };
  const result = await withDeadline(context, context.settings.url, request, {}, async (response) => {
    const words = await readWords(response);
    return judgeAnswer(response.status, response.headers.get("retry-after"), words, context.now());
  });
  return result.outcome === "failed" ? { outcome: "retry", detail: result.detail } : result;
}

/** The present key first, then those that are still good. */
function keysOf(context: AdapterContext<WebhookSettings>): Promise<CryptoKey[]> {
  const known = signingKeys.get(context) ?? new Map<string, Promise<CryptoKey>>();
  signingKeys.set(context, known);
  const secrets = [context.signingSecret, ...(context.retiredSigningSecrets?.() ?? [])];
  const keys = secrets.map((secret) => {
    const key = known.get(secret) ?? importSigningKey(secret);
    known.set(secret, key);
    return key;
  });
  return Promise.all(keys);
}

export const webhook = register(adapter);
