import type { Transport } from "../transport.ts";
import type { LedgerItem, ServerMessage } from "../types.ts";
import {
  Connection,
  type LiveEffects,
  openSocket,
  socketUrl,
  type Wire,
  type WireEvents,
} from "./connection.ts";
import { Inbox } from "./inbox.ts";
import { refusal } from "./refusal.ts";

export interface FollowOptions {
  /** Everything after it comes; without it, what happens from now on. Keep the `cursor` of each batch with what it brought. */
  readonly cursor?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Events of the ledger, and the cursor after them. */
export interface Batch {
  readonly cursor: string;
  readonly events: readonly LedgerItem[];
}

/** With so many batches waiting, nothing more is taken in: the line is closed, and opened again for the rest. */
const waitingBatchesMax = 64;

/** Every event of the ledger, each once and in order. */
export class Follow implements AsyncIterableIterator<Batch, undefined> {
  readonly #transport: Transport;
  readonly #effects: LiveEffects;
  readonly #inbox: Inbox<Batch>;
  readonly #waiting: Batch[] = [];
  #cursor: string | undefined;
  #connection: Connection | undefined;
  #isClosed = false;

  constructor(transport: Transport, effects: LiveEffects, options: FollowOptions) {
    if (effects.WebSocket === undefined) {
      throw new TypeError("this runtime has no WebSocket: give the client one that takes headers");
    }
    this.#transport = transport;
    this.#effects = effects;
    this.#cursor = options.cursor;
    this.#inbox = new Inbox(() => this.#waiting.shift(), options.signal);
    options.signal?.addEventListener("abort", () => this.close(), { once: true });
    this.#connect();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    if (this.#waiting.length === 0 && this.#connection === undefined && !this.#isClosed) this.#connect();
    return this.#inbox.next();
  }

  return(): Promise<IteratorResult<Batch, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends it; a loop over it ends too, with what has come. */
  close(): void {
    this.#isClosed = true;
    if (this.#connection === undefined) this.#inbox.end(undefined);
    this.#connection?.stop();
  }

  #connect(): void {
    const connection = new Connection(
      {
        open: (events, signal) => this.#open(events, signal),
        begin: (wire) => this.#begin(wire),
        heard: (message) => this.#heard(message, connection),
        interrupted: () => undefined,
        ended: (error) => {
          if (this.#connection === connection) this.#inbox.end(error);
        },
      },
      this.#effects,
    );
    this.#connection = connection;
    void connection.run();
  }

  async #open(events: WireEvents, signal: AbortSignal): Promise<Wire> {
    const { WebSocket, heartbeatMs } = this.#effects;
    if (WebSocket === undefined) throw new TypeError("no WebSocket");
    // A socket's refusal cannot be read, this one's can; and it says where "now" is, so that no break loses anything.
    const request = { method: "GET", path: "/v1/ledger", query: { limit: 1 }, repeat: "harmless" } as const;
    const options = { signal, deadlineMs: heartbeatMs };
    const { body } = await this.#transport.send<{ liveCursor: string }>(request, options);
    this.#cursor ??= body.liveCursor;
    const url = socketUrl(this.#transport.url, "/v1/live");
    return openSocket(WebSocket, url, events, signal, this.#transport.authorization());
  }

  #begin(wire: Wire): void {
    wire.send(JSON.stringify({ type: "subscribe", skus: ["*"], cursor: this.#cursor }));
  }

  #heard(message: ServerMessage, connection: Connection): void {
    if (message.type === "error") throw refusal("GET /v1/live", message.problem);
    if (message.type === "subscribed") connection.settled();
    if (message.type !== "events" || connection !== this.#connection) return;
    const { cursor, events } = message;
    this.#cursor = cursor;
    this.#waiting.push({ cursor, events });
    this.#inbox.wake();
    if (this.#waiting.length < waitingBatchesMax) return;
    this.#connection = undefined;
    connection.stop();
  }
}
