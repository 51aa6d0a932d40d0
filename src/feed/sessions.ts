import type { z } from "zod";
import type { TailPlace } from "../ledger/tail.ts";
import { limits } from "../protocol/limits.ts";
import { ClientMessage, type ServerMessage } from "../protocol/live.ts";
import { type ProblemSlug, problemType, problemTypes } from "../protocol/problem.ts";
import type { StockView } from "../protocol/stock.ts";
import { unreachable } from "../stock/refusal.ts";
import { FanOut } from "./fan-out.ts";
import { Flow } from "./flow.ts";
import { isNews } from "./positions.ts";
import { Watchers } from "./watchers.ts";

/** What a client says that wants to hear of every SKU. */
export const everything = "*";

/** A client's connection, as far as sessions need it. */
export interface Client {
  /** Whether it may subscribe to everything: only programs with a secret key may. */
  readonly mayHearAll: boolean;
  /** Never throws; a client that is gone is dropped by whoever notices. */
  send(message: string): void;
}

export interface SessionsEffects<Peer> {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** The newest view of a SKU, followed from now on; undefined if it is unknown. */
  watch(sku: string): Promise<StockView | undefined>;
  /** What is known of a SKU without asking. */
  known(sku: string): StockView | undefined;
  /** What a client watches has changed and must outlive the object's memory. */
  save(peer: Peer, skus: ReadonlySet<string>): void;
  /** Where a subscription to everything begins; undefined if the cursor is none of ours. */
  placeOf(cursor: string | undefined): Promise<TailPlace | undefined>;
  cursorOf(place: TailPlace): string;
  /** Serves a client every event after a place, until it is dropped. */
  listen(peer: Peer, place: TailPlace): void;
  stopListening(peer: Peer): void;
}

/** The clients of a feed and what they watch. Knows nothing of Durable Objects. */
export class Sessions<Peer extends Client> {
  readonly #watchers = new Watchers<Peer>();
  readonly #flows = new Map<Peer, Flow>();
  /** SKUs that are asked for on behalf of clients who will watch them. */
  readonly #joining = new Map<string, number>();
  readonly #gone = new WeakSet<Peer>();
  readonly #fanOut: FanOut<Peer>;
  readonly #effects: SessionsEffects<Peer>;

  constructor(effects: SessionsEffects<Peer>) {
    this.#effects = effects;
    this.#fanOut = new FanOut(this.#watchers, {
      now: () => effects.now(),
      sleep: (ms) => effects.sleep(ms),
      send: (peer, { sku }, message) => {
        if (this.#flowOf(peer).admit(sku)) peer.send(message);
      },
    });
  }

  /** Everything that somebody watches. */
  get skus(): Iterable<string> {
    return this.#watchers.skus;
  }

  /** Whether somebody watches a SKU, or is about to. */
  isWatched(sku: string): boolean {
    return this.#watchers.isWatched(sku) || this.#joining.has(sku);
  }

  /** A client that was there before the object slept. */
  restore(peer: Peer, skus: Iterable<string>): void {
    this.#watchers.add(peer, skus);
  }

  drop(peer: Peer): void {
    this.#watchers.drop(peer);
    this.#effects.stopListening(peer);
    this.#flows.delete(peer);
    this.#gone.add(peer);
  }

  /** A SKU changed; resolves once everybody was told, undefined if nothing is left to do. */
  changed(stock: StockView): Promise<void> | undefined {
    return this.#fanOut.changed(stock);
  }

  /** Carries out what a client says. */
  async receive(peer: Peer, text: string): Promise<void> {
    if (text === "ping") {
      peer.send("pong");
      return;
    }
    const parsed = parse(text);
    if (!parsed.success) {
      sendProblem(peer, "unknown-message", whatIsWrong(parsed.error));
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case "subscribe":
        if (message.skus[0] === everything) await this.#subscribeToAll(peer, message.cursor);
        else await this.#subscribe(peer, message.skus, message.positions ?? {});
        return;
      case "unsubscribe":
        if (message.skus[0] === everything) this.#effects.stopListening(peer);
        this.#watchers.remove(peer, message.skus);
        this.#effects.save(peer, this.#watchers.skusOf(peer));
        sendTo(peer, { type: "unsubscribed", skus: message.skus });
        return;
      case "received":
        this.#catchUp(peer, message.count);
        return;
      default:
        unreachable(message);
    }
  }

  /** A subscription that cannot be carried out throws, and leaves everything as it was. */
  async #subscribe(
    peer: Peer,
    wanted: readonly string[],
    positions: Readonly<Record<string, string>>,
  ): Promise<void> {
    const skus = [...new Set(wanted)];
    const all = new Set([...this.#watchers.skusOf(peer), ...skus]);
    if (all.size > limits.liveSkusMax) {
      const detail = `a socket watches at most ${limits.liveSkusMax} SKUs, this would make ${all.size}; open another one`;
      sendProblem(peer, "too-many-skus", detail);
      return;
    }
    const found = await this.#ask(skus);
    if (this.#gone.has(peer)) return;
    // From here to the end nothing is awaited, so nothing can change between the snapshot and the watching.
    this.#watchers.add(peer, skus);
    this.#effects.save(peer, this.#watchers.skusOf(peer));
    for (const sku of found) this.#sendKnown(peer, sku, positions[sku]);
    sendTo(peer, { type: "subscribed", skus, missing: skus.filter((sku) => !found.has(sku)) });
  }

  async #subscribeToAll(peer: Peer, cursor: string | undefined): Promise<void> {
    if (!peer.mayHearAll) {
      sendProblem(
        peer,
        "forbidden",
        "only a secret key with the scope stock:read may subscribe to everything",
      );
      return;
    }
    const place = await this.#effects.placeOf(cursor);
    if (place === undefined) {
      sendProblem(
        peer,
        "invalid-cursor",
        "use a cursor of this stream or the liveCursor of GET /v1/ledger, unchanged",
      );
      return;
    }
    if (this.#gone.has(peer)) return;
    this.#effects.save(peer, new Set([everything, ...this.#watchers.skusOf(peer)]));
    sendTo(peer, {
      type: "subscribed",
      skus: [everything],
      missing: [],
      cursor: this.#effects.cursorOf(place),
    });
    this.#effects.listen(peer, place);
  }

  /** Has SKUs followed; answers those that are known. */
  async #ask(skus: readonly string[]): Promise<Set<string>> {
    for (const sku of skus) this.#joining.set(sku, (this.#joining.get(sku) ?? 0) + 1);
    try {
      const views = await Promise.all(skus.map((sku) => this.#effects.watch(sku)));
      return new Set(skus.filter((_, index) => views[index] !== undefined));
    } finally {
      for (const sku of skus) {
        const others = (this.#joining.get(sku) ?? 1) - 1;
        if (others > 0) this.#joining.set(sku, others);
        else this.#joining.delete(sku);
      }
    }
  }

  #catchUp(peer: Peer, count: number): void {
    const flow = this.#flowOf(peer);
    for (const sku of flow.received(count)) {
      if (this.#watchers.skusOf(peer).has(sku)) this.#sendKnown(peer, sku, undefined);
    }
  }

  #sendKnown(peer: Peer, sku: string, seen: string | undefined): void {
    const stock = this.#effects.known(sku);
    if (stock === undefined || !isNews(stock, seen)) return;
    if (this.#flowOf(peer).admit(sku)) sendTo(peer, { type: "stock", stock });
  }

  #flowOf(peer: Peer): Flow {
    const flow = this.#flows.get(peer) ?? new Flow();
    this.#flows.set(peer, flow);
    return flow;
  }
}

function parse(text: string): z.ZodSafeParseResult<ClientMessage> {
  try {
    return ClientMessage.safeParse(JSON.parse(text));
  } catch {
    return ClientMessage.safeParse(undefined);
  }
}

function whatIsWrong(error: z.ZodError): string {
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "" : `/${issue.path.join("/")}: `;
  return `${place}${issue?.message ?? "not understood"}; say "ping", subscribe, unsubscribe or received (/asyncapi.json)`;
}

/** Tells a client what is wrong. */
export function sendProblem(client: Client, slug: ProblemSlug, detail: string): void {
  const [status, title] = problemTypes[slug];
  sendTo(client, { type: "error", problem: { type: problemType(slug), title, status, detail } });
}

function sendTo(client: Client, message: ServerMessage): void {
  client.send(JSON.stringify(message));
}
