import type { ServerEvent, ServerEventBus } from "@modelcontextprotocol/server";
import { ServerMessage } from "../../protocol/live.ts";
import { stockUri } from "./uri.ts";

/**
 * Changes of SKUs, from a feed's socket to one subscription. A change only says that the resource is to be read again, so
 * those that a slow reader has not taken yet are one for each SKU, however many there were.
 */
export class StockBus implements ServerEventBus {
  /** Nothing more is told: the feed is gone, or nobody listens. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #uris: ReadonlyMap<string, string>;
  readonly #waiting = new Set<string>();
  #listener: ((event: ServerEvent) => void) | undefined;
  readonly #end: () => void;
  #isReady = true;

  private constructor(socket: WebSocket, uris: ReadonlyMap<string, string>) {
    this.#socket = socket;
    this.#uris = uris;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#end = resolve;
    socket.addEventListener("close", () => resolve());
  }

  /**
   * Follows SKUs, given with the URI that each is to be called by. Resolves once the feed follows them: what is read
   * after that is as new as the subscription.
   */
  static async open(socket: WebSocket, uris: ReadonlyMap<string, string>): Promise<StockBus> {
    const bus = new StockBus(socket, uris);
    const following = Promise.withResolvers<undefined>();
    let isFollowing = false;
    socket.addEventListener("message", ({ data }) => {
      const message = typeof data === "string" ? ServerMessage.parse(JSON.parse(data)) : undefined;
      if (message?.type === "error") following.reject(new Error(message.problem.detail));
      if (message?.type === "subscribed") {
        isFollowing = true;
        following.resolve(undefined);
      }
      // What comes before is how things are, not a change.
      if (message?.type === "stock" && isFollowing) bus.#changed(message.stock.sku);
    });
    void bus.closed.then(() => following.reject(new Error("the feed closed the socket")));
    socket.accept();
    socket.send(JSON.stringify({ type: "subscribe", skus: [...uris.keys()] }));
    await following.promise;
    return bus;
  }

  /** Whether a subscription takes what comes. */
  get isHeard(): boolean {
    return this.#listener !== undefined;
  }

  /** Nothing is published from here: a change comes from its SKU. */
  publish(): void {}

  subscribe(listener: (event: ServerEvent) => void): () => void {
    this.#listener = listener;
    this.#flush();
    return () => this.close();
  }

  close(): void {
    this.#listener = undefined;
    this.#socket.close(1000);
    this.#end();
  }

  /** What the subscription's stream says, taken by its reader in its own time. */
  paced(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    return new ReadableStream({
      pull: async (controller) => {
        this.#isReady = true;
        this.#flush();
        const { done, value } = await reader.read();
        this.#isReady = false;
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }

  #changed(sku: string): void {
    this.#waiting.add(sku);
    this.#flush();
  }

  #flush(): void {
    if (!this.#isReady || this.#listener === undefined) return;
    const changed = [...this.#waiting];
    this.#waiting.clear();
    for (const sku of changed) {
      this.#listener({ kind: "resource_updated", uri: this.#uris.get(sku) ?? stockUri(sku) });
    }
  }
}
