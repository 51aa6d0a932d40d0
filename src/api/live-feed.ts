import type { Context } from "hono";
import { liveFeedName, regionOf } from "../feed/address.ts";
import type { AppEnv } from "../http/app-env.ts";
import { ProblemError } from "../http/problem.ts";
import { callerHeader, hasSecretKeyHeader } from "../storage/sockets.ts";

/** A feed near the caller that takes another socket. */
export function feedFor(c: Context<AppEnv>) {
  const region = regionOf(c.req.raw.cf);
  const name = liveFeedName(region, Number(c.env.LIVE_FEEDS_PER_REGION), Math.random());
  return c.env.FEED.getByName(name, { locationHint: region });
}

/** A socket to a feed, for whoever passes on what it says in another form. */
export async function openSocket(feed: Pick<Fetcher, "fetch">): Promise<WebSocket> {
  const { status, webSocket } = await feed.fetch("https://feed/", { headers: { upgrade: "websocket" } });
  if (status === 429) throw tooManySockets();
  if (webSocket === null) throw new Error("the feed did not open a socket");
  return webSocket;
}

/** The request of a socket as its object gets it: with whose it is, whatever the caller says of that. */
export function authenticated(c: Context<AppEnv>): Request {
  const { id, isSecret } = c.get("principal");
  const request = new Request(c.req.raw);
  request.headers.set(hasSecretKeyHeader, String(isSecret));
  request.headers.set(callerHeader, id);
  return request;
}

/** What an object says that has no place for another socket. */
export function tooManySockets(): ProblemError {
  const detail = "too many sockets are open here: close some, or watch more SKUs with each (/v1/live)";
  return new ProblemError("quota-exceeded", { detail }, { "retry-after": "30" });
}
