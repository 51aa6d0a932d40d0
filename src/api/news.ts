import type { Context } from "hono";
import { sendStockEvents } from "../ledger/outgoing.ts";
import type { StockEventsMessage } from "../protocol/queue.ts";
import type { AppEnv } from "../http/app-env.ts";

/** News are sent when this many have come together: enough to be cheap, few enough not to be late. */
const newsTogether = 50;

/** Sends the news that SKUs hand over, many at a time. What is lost on the way is sent again by the SKUs themselves. */
export class News {
  readonly #context: Context<AppEnv>;
  #waiting: StockEventsMessage[] = [];

  constructor(context: Context<AppEnv>) {
    this.#context = context;
  }

  add(news: readonly StockEventsMessage[]): void {
    this.#waiting.push(...news);
    if (this.#waiting.length >= newsTogether) this.flush();
  }

  /** Sends what has come together; does not wait for it. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const sent = sendStockEvents(this.#context.env.STOCK_EVENTS, this.#waiting).catch((error: unknown) => {
      console.warn(JSON.stringify({ message: "news of a bulk request were not sent", error: String(error) }));
    });
    this.#waiting = [];
    this.#context.executionCtx.waitUntil(sent);
  }
}
