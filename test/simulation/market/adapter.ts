import { z } from "zod";
import {
  type Adapter,
  ChannelUnreadableError,
  type PublishResult,
} from "../../../src/channel/kit/adapter.ts";
import { judgeAnswer } from "../../../src/channel/kit/answer.ts";
import { call } from "../../../src/channel/kit/call.ts";
import type { ChannelFact } from "../../../src/channel/kit/inbound.ts";
import { pollOrders } from "../../../src/channel/kit/order-poll.ts";
import type { PolledOrder } from "../../../src/channel/kit/order-cursor.ts";
import { register } from "../../../src/channel/kit/registered.ts";
import { ExternalId } from "../../../src/protocol/primitives.ts";

const Settings = z.strictObject({
  url: z.string(),
  batchMax: z.int().default(1),
  ratePerSecond: z.number().default(50),
  /** The shop takes numbers in, and shows them so much later. */
  verifyAfterSeconds: z.number().optional(),
  pollSeconds: z.number().optional(),
});
type Settings = z.infer<typeof Settings>;

type Context = Parameters<Adapter<Settings>["publish"]>[0];

/** The kind of channel that the simulation's shops are: it can do all that a channel can. See `market.ts`. */
const adapter: Adapter<Settings> = {
  kind: "market",
  semantics: "available",
  settings: Settings,
  credentials: z.record(z.string(), z.string()),
  listing: ExternalId.optional(),
  refuse: () => [],
  destination: ({ url }) => url,
  limits: ({ batchMax, ratePerSecond }) => ({ batchMax, concurrency: 2, ratePerSecond, burst: 10 }),
  shown: ({ quantity }) => String(quantity),
  itemKey: (external) => JSON.stringify(external),

  async publish(context, publications) {
    const called = await post(context, "levels", publications);
    if (called.outcome === "failed") {
      return publications.map(() => ({ outcome: "retry", detail: called.detail }));
    }
    const { status, headers, text } = called.answer;
    const judged = judgeAnswer(status, headers.get("retry-after"), text, context.now());
    if (judged.outcome !== "ok") return publications.map(() => judged);
    const { verifyAfterSeconds } = context.settings;
    return (JSON.parse(text) as PublishResult[]).map((result) =>
      result.outcome === "ok" && verifyAfterSeconds !== undefined
        ? { ...result, verifyAfterMs: verifyAfterSeconds * 1_000 }
        : result,
    );
  },

  check: async () => [],

  async readPage(context, cursor) {
    return JSON.parse(await read(context, "page", { cursor })) as Awaited<
      ReturnType<NonNullable<Adapter<Settings>["readPage"]>>
    >;
  },

  async readListings(context, listings) {
    return JSON.parse(await read(context, "listings", listings)) as Awaited<
      ReturnType<NonNullable<Adapter<Settings>["readListings"]>>
    >;
  },

  async receive(_context, { body }) {
    const { delivery, facts } = JSON.parse(new TextDecoder().decode(body)) as {
      delivery: string;
      facts: ChannelFact[];
    };
    return { outcome: "facts", dedupeKey: delivery, facts };
  },

  async lookUp(context, orderIds) {
    return JSON.parse(await read(context, "orders", { orderIds })) as ChannelFact[];
  },

  pollEveryMs: ({ pollSeconds }) => (pollSeconds ?? 86_400) * 1_000,

  async poll(context, cursor) {
    const source = {
      pageSize: 5,
      latest: async () => JSON.parse(await read(context, "latest", {})) as PolledOrder[],
      changedSince: async (fromMs: number, skip: number) =>
        JSON.parse(await read(context, "changed", { fromMs, skip, take: 5 })) as PolledOrder[],
    };
    return pollOrders(source, cursor);
  },
};

function post(context: Context, path: string, body: unknown) {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  return call(context, `${context.settings.url}/${path}`, init);
}

async function read(context: Context, path: string, body: unknown): Promise<string> {
  const called = await post(context, path, body);
  if (called.outcome === "failed") throw new ChannelUnreadableError(called.detail);
  const { status, headers, text } = called.answer;
  const judged = judgeAnswer(status, headers.get("retry-after"), text, context.now());
  if (judged.outcome === "ok") return text;
  const detail = "detail" in judged ? judged.detail : judged.outcome;
  throw new ChannelUnreadableError(detail, "retryAfterMs" in judged ? judged.retryAfterMs : undefined);
}

export const market = register(adapter);
