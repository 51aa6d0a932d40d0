import { z } from "zod";
import { ExternalId } from "../../../protocol/primitives.ts";
import {
  type Adapter,
  type Publication,
  type PublishContext,
  type PublishResult,
  register,
} from "../../adapter.ts";
import { refuseUrl } from "../../url-guard.ts";
import { judgeAnswer, readWords } from "./answer.ts";
import { toEvent } from "./event.ts";
import { WebhookSettings } from "./settings.ts";
import { batchId, importSigningKey, signedHeaders } from "./signature.ts";

const timeoutMs = 15_000;

/** Signing keys, by the configuration they belong to. */
const signingKeys = new WeakMap<PublishContext<WebhookSettings>, Promise<CryptoKey>>();

/** Any HTTP endpoint: CloudEvents, signed as Standard Webhooks says. See docs/channels/webhook.md. */
const adapter: Adapter<WebhookSettings> = {
  kind: "webhook",
  settings: WebhookSettings,
  listing: z.union([ExternalId, z.record(z.string(), ExternalId)]).optional(),

  refuse({ url }, policy) {
    const detail = refuseUrl(url, policy);
    return detail === undefined ? [] : [{ pointer: "/url", detail }];
  },

  destination: ({ url }) => url,

  // Fair to a small server, and well above what one shop's stock changes.
  limits: ({ batch = 1 }) => ({ batchMax: batch, concurrency: 5, ratePerSecond: 1_000, burst: 1_000 }),

  shown: ({ quantity, available, status }) => JSON.stringify([quantity, available, status]),

  async publish(context, publications) {
    const result = await deliver(context, publications);
    return publications.map(() => result);
  },
};

async function deliver(
  context: PublishContext<WebhookSettings>,
  publications: readonly Publication[],
): Promise<PublishResult> {
  const { url, batch } = context.settings;
  // Asked again for every call: the policy may be stricter than when the channel was made.
  const refusal = refuseUrl(url, context.policy);
  if (refusal !== undefined) return { outcome: "retry", detail: `not sent: ${refusal}` };

  const events = publications.map(toEvent);
  const [first] = events;
  const isAlone = batch === undefined && first !== undefined;
  const body = JSON.stringify(isAlone ? first : events);
  const id = isAlone ? first.id : await batchId(events.map((event) => event.id));
  const signature = await signedHeaders(await keyOf(context), id, Math.floor(context.now() / 1000), body);
  // Not AbortSignal.timeout: its timer runs on after the answer and would keep the object in memory, and billed.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    const response = await context.fetch(url, {
      method: "POST",
      headers: {
        "content-type": `application/cloudevents${isAlone ? "" : "-batch"}+json`,
        "user-agent": "Stockwire/1",
        ...signature,
      },
      body,
      redirect: "manual",
      signal: deadline.signal,
    });
    const words = await readWords(response);
    return judgeAnswer(response.status, response.headers.get("retry-after"), words, context.now());
  } catch (error) {
    return {
      outcome: "retry",
      detail: `request failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  } finally {
    clearTimeout(timer);
  }
}

function keyOf(context: PublishContext<WebhookSettings>): Promise<CryptoKey> {
  const known = signingKeys.get(context);
  if (known !== undefined) return known;
  const key = importSigningKey(context.signingSecret);
  signingKeys.set(context, key);
  return key;
}

export const webhook = register(adapter);
