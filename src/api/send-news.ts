import type { Context } from "hono";
import type { AppEnv } from "../http/app-env.ts";
import { News } from "../ledger/news.ts";
import { sendStockEvents } from "../ledger/outgoing.ts";
import type { StockEventsMessage } from "../protocol/queue.ts";
import { log } from "../telemetry/log.ts";

/** One for all requests of this isolate. */
const allNews = new News({
  now: () => Date.now(),
  sleep: (ms) => scheduler.wait(ms),
  failed: (error) => log("news.not_sent", {}, { error }),
});

/** Sends news that SKUs have handed over; does not wait for it. */
export function sendNews(c: Context<AppEnv>, news: readonly StockEventsMessage[]): void {
  const sent = allNews.add(news, (batch) => sendStockEvents(c.env.STOCK_EVENTS, batch));
  if (sent !== undefined) c.executionCtx.waitUntil(sent);
}
