import { z } from "zod";
import type { Finding } from "../../kit/adapter.ts";
import type { ApiFailure } from "../../kit/api-failure.ts";
import { type AcpContext, ask } from "./client.ts";
import { Products } from "./products.ts";

const Feed = z.looseObject({ id: z.string() });

const there = "The feed is there, and the token is accepted";
const readable = "The feed's products can be read";

/** Looks at everything the channel needs, and changes nothing: whether it may write shows with the first number. */
export async function check(context: AcpContext): Promise<Finding[]> {
  const feed = await ask(context, { method: "GET", path: "" }, Feed);
  if (feed.outcome === "failed") return [missing(there, adviceOn(context, feed))];
  const products = await ask(context, { method: "GET", path: "/products" }, Products);
  if (products.outcome === "failed") return [ok(there), missing(readable, adviceOn(context, products))];
  if (products.value.products.length > 0) return [ok(there), ok(readable)];
  const advice =
    "The feed is empty: upload your products first. This channel only tells whether they can be bought.";
  return [ok(there), ok(readable), missing("The feed has products", advice)];
}

function adviceOn({ settings }: AcpContext, { reason, detail }: ApiFailure): string {
  if (reason === "credentials") return `${detail}. Store the token that the agent gave you as \`token\`.`;
  if (reason === "permission") return `${detail}. Ask the agent to let the token manage this feed.`;
  return `${detail}. See whether \`url\` (${settings.url}) is the part before /feeds, and \`feedId\` the feed's id.`;
}

function ok(what: string): Finding {
  return { isOk: true, check: what };
}

function missing(what: string, advice: string): Finding {
  return { isOk: false, check: what, advice };
}
