import type { StockEventsMessage } from "../protocol/queue.ts";

/** News go at once if none went in this time; else they wait for it to be over, and go together. */
const intervalMs = 50;
/** So many go without waiting. */
const newsTogether = 250;
/** Who has not sent by then has been cut off. */
const patienceMs = 1_000;

export interface NewsEffects {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Told of news that could not be sent; the SKUs send them again by themselves. */
  failed(error: unknown): void;
}

/** Puts news on the queue. */
export type SendNews = (news: readonly StockEventsMessage[]) => Promise<void>;

/**
 * The news that SKUs hand over to those who changed them, of all requests that one isolate has under way: an operation on
 * the queue costs the same for one SKU as for a hundred. Nothing is lost here: a SKU sends again what nobody confirms.
 */
export class News {
  readonly #effects: NewsEffects;
  #waiting: StockEventsMessage[] = [];
  #sentAtMs = 0;
  /** When somebody took it on to send what waits. */
  #takenOnAtMs: number | undefined;

  constructor(effects: NewsEffects) {
    this.#effects = effects;
  }

  /** What is to be kept alive until it resolves; undefined if somebody else sends them. */
  add(news: readonly StockEventsMessage[], send: SendNews): Promise<void> | undefined {
    if (news.length === 0) return undefined;
    this.#waiting.push(...news);
    const nowMs = this.#effects.now();
    if (this.#waiting.length >= newsTogether) return this.#flush(send);
    if (this.#takenOnAtMs !== undefined && nowMs < this.#takenOnAtMs + patienceMs) return undefined;
    const waitMs = this.#sentAtMs + intervalMs - nowMs;
    return waitMs <= 0 ? this.#flush(send) : this.#flushAfter(waitMs, nowMs, send);
  }

  async #flushAfter(waitMs: number, nowMs: number, send: SendNews): Promise<void> {
    this.#takenOnAtMs = nowMs;
    await this.#effects.sleep(waitMs);
    await this.#flush(send);
  }

  async #flush(send: SendNews): Promise<void> {
    const news = this.#waiting;
    this.#waiting = [];
    this.#takenOnAtMs = undefined;
    this.#sentAtMs = this.#effects.now();
    if (news.length === 0) return;
    try {
      await send(news);
    } catch (error) {
      this.#effects.failed(error);
    }
  }
}
