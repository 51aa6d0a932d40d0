import type { Context } from "hono";
import type { AppEnv } from "../http/app-env.ts";
import { News } from "../ledger/news.ts";
import { sendStockEvents } from "../ledger/outgoing.ts";
import type { StockEventsMessage } from "../protocol/queue.ts";

/** One for all requests of this isolate. */
const allNews = new News({
  now: () => Date.now(),
  sleep: (ms) => scheduler.wait(ms),
  failed: (error) => console.warn(JSON.stringify({ message: "news were not sent", error: String(error) })),
});

/** Sends news that SKUs have handed over; does not wait for it. */
export function sendNews(c: Context<AppEnv>, news: readonly StockEventsMessage[]): void {
  const sent = allNews.add(news, (batch) => sendStockEvents(c.env.STOCK_EVENTS, batch));
  if (sent !== undefined) c.executionCtx.waitUntil(sent);
}
