import type { Ticket } from "../client/types.ts";
import type { ClientMessage, ServerMessage } from "../protocol/live.ts";
import { isNewer } from "../protocol/position.ts";
import type { StockView } from "../protocol/stock.ts";
import { ask } from "./api.ts";
import { Cell } from "./cell.ts";
import { session } from "./session.ts";

/** `idle`: nothing is watched, so there is no connection. */
export type LineState = "idle" | "connecting" | "live" | "lost";
export const lineState = new Cell<LineState>("idle");

type Watcher = (stock: StockView) => void;

const pingMs = 20_000;
const backoffMaxMs = 5_000;
/** What scrolls by within this time is neither subscribed to nor given up. */
const settleMs = 150;

/**
 * Watches SKUs over one socket for all of the page. What changes is told at most once a frame for each SKU, and only
 * ever newer than before. After a break it goes on by itself, with the positions it has.
 */
class Line {
  readonly #watchers = new Map<string, Set<Watcher>>();
  /** What the server was asked to watch on the present socket. */
  readonly #asked = new Set<string>();
  readonly #stocks = new Map<string, StockView>();
  readonly #changed = new Map<string, StockView>();
  #socket: WebSocket | undefined;
  #isOpening = false;
  #attempts = 0;
  #settling: number | undefined;
  #frame: number | undefined;
  #silence: number | undefined;

  /** Calls `watcher` with every newer view of a SKU, from the next frame on, until it is given up. */
  watch(sku: string, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(sku) ?? new Set();
    this.#watchers.set(sku, watchers.add(watcher));
    this.#settle();
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(sku) === watchers) this.#watchers.delete(sku);
      this.#settle();
    };
  }

  /** The newest view that came by the line or was told to it. */
  known(sku: string): StockView | undefined {
    return this.#stocks.get(sku);
  }

  /** Takes a view that came another way, such as with an answer. */
  take(stock: StockView): void {
    if (!isNewer(stock, this.#stocks.get(stock.sku))) return;
    this.#stocks.set(stock.sku, stock);
    this.#changed.set(stock.sku, stock);
    if (this.#frame === undefined) this.#frame = requestAnimationFrame(() => this.#tell());
  }

  /** Ends it and forgets what it knew: another key may not see the same. */
  close(): void {
    this.#watchers.clear();
    this.#stocks.clear();
    this.#changed.clear();
    this.#socket?.close();
  }

  #tell(): void {
    this.#frame = undefined;
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    for (const stock of changed) {
      for (const watcher of this.#watchers.get(stock.sku) ?? []) watcher(stock);
    }
  }

  #settle(): void {
    if (this.#settling !== undefined) return;
    this.#settling = window.setTimeout(() => {
      this.#settling = undefined;
      if (this.#socket?.readyState === WebSocket.OPEN) this.#subscribe();
      else if (this.#watchers.size > 0) void this.#open();
    }, settleMs);
  }

  #subscribe(): void {
    const dropped = [...this.#asked].filter((sku) => !this.#watchers.has(sku));
    const added = [...this.#watchers.keys()].filter((sku) => !this.#asked.has(sku));
    for (const sku of dropped) this.#asked.delete(sku);
    for (const sku of added) this.#asked.add(sku);
    if (dropped.length > 0) this.#say({ type: "unsubscribe", skus: dropped });
    if (added.length === 0) return;
    const positions = added.flatMap((sku) => {
      const stock = this.#stocks.get(sku);
      return stock === undefined ? [] : [[sku, `${stock.epoch}.${stock.version}`] as const];
    });
    this.#say({ type: "subscribe", skus: added, positions: Object.fromEntries(positions) });
  }

  async #open(): Promise<void> {
    if (this.#isOpening || this.#socket !== undefined) return;
    this.#isOpening = true;
    if (lineState.value !== "lost") lineState.set("connecting");
    try {
      const { ticket } = await ask<Ticket>("/v1/tickets", { method: "POST", body: {} });
      this.#listen(new WebSocket(`${location.origin.replace("http", "ws")}/v1/live?ticket=${ticket}`));
    } catch {
      this.#lost();
    } finally {
      this.#isOpening = false;
    }
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    this.#asked.clear();
    const pinger = window.setInterval(() => {
      if (socket.readyState === WebSocket.OPEN) socket.send("ping");
    }, pingMs);
    const alive = () => {
      window.clearTimeout(this.#silence);
      this.#silence = window.setTimeout(() => socket.close(), 2 * pingMs);
    };
    socket.addEventListener("open", () => {
      this.#attempts = 0;
      lineState.set("live");
      alive();
      this.#subscribe();
    });
    socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
      alive();
      if (data === "pong") return;
      const message = JSON.parse(data) as ServerMessage;
      if (message.type === "stock") this.take(message.stock);
    });
    socket.addEventListener("close", () => {
      window.clearInterval(pinger);
      window.clearTimeout(this.#silence);
      this.#socket = undefined;
      this.#lost();
    });
  }

  #lost(): void {
    if (this.#watchers.size === 0 || session.value === undefined) {
      lineState.set("idle");
      return;
    }
    lineState.set("lost");
    const waitMs = Math.min(backoffMaxMs, 500 * 2 ** this.#attempts) * (0.5 + Math.random() / 2);
    this.#attempts += 1;
    window.setTimeout(() => this.#settle(), waitMs);
  }

  #say(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }
}

export const line = new Line();
session.watch((now) => {
  if (now === undefined) line.close();
});
