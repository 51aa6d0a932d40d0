import { setTimeout as sleep } from "node:timers/promises";
import { type LedgerItem, type StockView, StockwireClient } from "../../src/client/index.ts";
import { comparePositions } from "../../src/protocol/position.ts";
import { positionText } from "../../src/verify/index.ts";
import type { Recorder } from "./recorder.ts";

export interface WatcherOptions {
  readonly url: string;
  readonly key: string;
  readonly recorder: Recorder;
  readonly name: string;
  /** One SKU on the socket of that SKU, or many on `/v1/live`. */
  readonly skus: string | readonly string[];
  /** Says what it has when it comes back. */
  readonly resumes: boolean;
}

// The constructor of Node's WebSocket takes headers beside what browsers know.
const HeaderSocket = WebSocket as unknown as new (
  url: string,
  options: { headers: Readonly<Record<string, string>> },
) => WebSocket;

/** Somebody who watches on a socket, and dials again whenever it breaks. Keeps what every message said, in order. */
export class Watcher {
  readonly newest = new Map<string, StockView>();
  messages = 0;
  connections = 0;
  readonly #options: WatcherOptions;
  #socket: WebSocket | undefined;
  #isOver = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  watches(sku: string): boolean {
    const { skus } = this.#options;
    return typeof skus === "string" ? skus === sku : skus.includes(sku);
  }

  async run(): Promise<void> {
    while (!this.#isOver) {
      await this.#once();
      if (!this.#isOver) await sleep(100);
    }
  }

  stop(): void {
    this.#isOver = true;
    this.#socket?.close();
  }

  #once(): Promise<void> {
    const { url, key, skus } = this.#options;
    const path = typeof skus === "string" ? `/v1/skus/${encodeURIComponent(skus)}/live` : "/v1/live";
    const headers = { authorization: `Bearer ${key}` };
    const socket = new HeaderSocket(url.replace(/^http/, "ws") + path, { headers });
    this.#socket = socket;
    return new Promise((resolve) => {
      socket.addEventListener("open", () => {
        this.connections += 1;
        if (typeof skus !== "string") socket.send(JSON.stringify(this.#subscription(skus)));
      });
      socket.addEventListener("message", ({ data }) => this.#heard(String(data)));
      socket.addEventListener("error", () => socket.close());
      socket.addEventListener("close", () => resolve());
    });
  }

  #subscription(skus: readonly string[]): object {
    const positions = [...this.newest].map(([sku, view]) => [sku, positionText(view)] as const);
    const known = this.#options.resumes ? { positions: Object.fromEntries(positions) } : {};
    return { type: "subscribe", skus, ...known };
  }

  #heard(text: string): void {
    const message = JSON.parse(text) as { type: string; stock?: StockView };
    if (message.type !== "stock" || message.stock === undefined) return;
    const { stock } = message;
    const { epoch, version, sku } = stock;
    this.messages += 1;
    const { name, recorder } = this.#options;
    recorder.observe({ observer: name, sku, position: { epoch, version }, stock });
    const before = this.newest.get(sku);
    if (before === undefined || comparePositions(stock, before) > 0) this.newest.set(sku, stock);
  }
}

/** Somebody who must miss nothing: every event of the ledger, followed by its cursor. */
export class Follower {
  readonly events: LedgerItem[] = [];
  /** Why it had to begin again by itself: the client sees to interruptions. */
  readonly errors: unknown[] = [];
  readonly #stopping = new AbortController();
  readonly #client: StockwireClient;

  constructor(url: string, key: string) {
    this.#client = new StockwireClient({ url, key });
  }

  /** Follows from where the ledger ends now, until `stop`. */
  async begin(): Promise<() => Promise<void>> {
    const { liveCursor } = await this.#client.ledger.list({ limit: 1 }).first();
    return () => this.#follow(liveCursor);
  }

  async #follow(from: string | undefined): Promise<void> {
    let cursor = from;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for await (const batch of this.#client.ledger.follow({ cursor, signal })) {
          this.events.push(...batch.events);
          ({ cursor } = batch);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.errors.push(error);
        await sleep(100);
      }
    }
  }

  stop(): void {
    this.#stopping.abort();
  }
}
