import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import { changesOf, type DeliveredChange } from "./delivery.ts";
import { Propagation } from "./propagation.ts";
import { ShownStock } from "./shown-stock.ts";

/** How a receiver misbehaves. A status below 400 delivers, only late. */
export interface Failure {
  readonly status: number;
  readonly retryAfterSeconds?: number;
  readonly delayMs?: number;
}

export interface ReceiverOptions {
  /** Name in reports, and id of the channel. */
  readonly id: string;
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
  /** Told of every change that is accepted, also of one that is older than what is shown. */
  readonly onChange?: (change: DeliveredChange) => void;
}

/** A sales channel as the service sees it: a real HTTP server that is sent signed stock changes and shows them. */
export class ChannelReceiver {
  readonly id: string;
  readonly shown = new ShownStock();
  /** What is measured now; another one begins anew. */
  propagation = new Propagation();
  readonly counts = { requests: 0, changes: 0, unverified: 0, unreadable: 0, refusedOnPurpose: 0 };
  readonly #server: Server;
  readonly #secret = Promise.withResolvers<string>();
  #failure: Failure | undefined;
  #lastChangeAtMs = 0;
  readonly #onChange: (change: DeliveredChange) => void;

  private constructor({ id, onChange = () => undefined }: ReceiverOptions) {
    this.id = id;
    this.#onChange = onChange;
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  /** Starts to listen. Deliveries wait for `useSecret`. */
  static async start(options: ReceiverOptions): Promise<ChannelReceiver> {
    const receiver = new ChannelReceiver(options);
    receiver.#server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string")
      throw new Error(`receiver ${this.id} is not listening`);
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}/stock`;
  }

  /** The secret that the service answered when the channel was registered. */
  useSecret(secret: string): void {
    this.#secret.resolve(secret);
  }

  /** Fails every delivery from now on; undefined: works again. */
  failWith(failure: Failure | undefined): void {
    this.#failure = failure;
  }

  /** When the last accepted change arrived, on the clock of `performance.now()`. */
  get lastChangeAtMs(): number {
    return this.#lastChangeAtMs;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, retryAfterSeconds } = await this.#receive(request);
      if (retryAfterSeconds !== undefined) response.setHeader("retry-after", retryAfterSeconds);
      response.writeHead(status).end();
    } catch (error) {
      this.counts.unreadable += 1;
      response.writeHead(400).end(String(error));
    }
  }

  async #receive(request: IncomingMessage): Promise<Failure> {
    const body = await text(request);
    const arrivedAtMs = performance.now();
    this.counts.requests += 1;
    const failure = this.#failure;
    if (failure?.delayMs !== undefined) await sleep(failure.delayMs);
    if (failure !== undefined && failure.status >= 400) {
      this.counts.refusedOnPurpose += 1;
      return failure;
    }
    const changes = this.#verified(request, body, await this.#secret.promise);
    if (changes === undefined) {
      this.counts.unverified += 1;
      return { status: 401 };
    }
    for (const change of changes) this.#show(change, arrivedAtMs);
    return { status: failure?.status ?? 204 };
  }

  #verified(request: IncomingMessage, body: string, secret: string): DeliveredChange[] | undefined {
    const headers = Object.fromEntries(
      ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [
        name,
        String(request.headers[name] ?? ""),
      ]),
    );
    try {
      new Webhook(secret).verify(body, headers, { jsonParse: false });
    } catch {
      // The library throws for every reason not to trust a delivery; there is nothing to tell them apart for.
      return undefined;
    }
    return changesOf(request.headers["content-type"] ?? "", body);
  }

  #show(change: DeliveredChange, arrivedAtMs: number): void {
    this.counts.changes += 1;
    this.#onChange(change);
    this.#lastChangeAtMs = arrivedAtMs;
    if (this.shown.take(change) !== "older") {
      const ageMs = Math.max(0, Date.now() - Date.parse(change.asOf));
      this.propagation.noteArrival(change.sku, change, arrivedAtMs, ageMs);
    }
  }
}
