import type { Context } from "hono";
import { liveFeedName, regionOf } from "../feed/address.ts";
import type { AppEnv } from "../http/app-env.ts";

/** A feed near the caller that takes another socket. */
export function feedFor(c: Context<AppEnv>) {
  const region = regionOf(c.req.raw.cf);
  const name = liveFeedName(region, Number(c.env.LIVE_FEEDS_PER_REGION), Math.random());
  return c.env.FEED.getByName(name, { locationHint: region });
}

/** A socket to a feed, for whoever passes on what it says in another form. */
export async function openSocket(feed: Pick<Fetcher, "fetch">): Promise<WebSocket> {
  const { webSocket } = await feed.fetch("https://feed/", { headers: { upgrade: "websocket" } });
  if (webSocket === null) throw new Error("the feed did not open a socket");
  return webSocket;
}
