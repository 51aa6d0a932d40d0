import { DurableObject } from "cloudflare:workers";
import { ledgerOf } from "../ledger/bindings.ts";
import { formatTailCursor, parseTailCursor, tailAfter, tailEnd, type TailPlace } from "../ledger/tail.ts";
import type { StockView } from "../protocol/stock.ts";
import { log } from "../telemetry/log.ts";
import { hasSecretKeyHeader, refuseSocket, Speech, tagsOf } from "../storage/sockets.ts";
import { Wake } from "../storage/wake.ts";
import { noteSockets } from "../telemetry/metrics.ts";
import type { FeedReading } from "./contract.ts";
import { Firehose } from "./firehose.ts";
import { Following } from "./following.ts";
import { isNews, positionText } from "./positions.ts";
import { everything, sendProblem, Sessions } from "./sessions.ts";
import { FeedStore } from "./store.ts";

/** A SKU is asked again after so long while somebody watches it, so that a push that was lost costs no more. */
const revalidateMs = 20_000;
/** SKUs asked at once in a round of revalidation. */
const askedAtOnce = 50;
/** A SKU keeps a feed that says nothing for so long. */
const leaseMs = 60_000;

/** What a socket keeps while the object sleeps. */
interface Attachment {
  readonly id: string;
  readonly mayHearAll: boolean;
}

/** A socket and the name its subscriptions are stored under. */
class Peer {
  readonly id: string;
  readonly mayHearAll: boolean;
  readonly #socket: WebSocket;

  constructor({ id, mayHearAll }: Attachment, socket: WebSocket) {
    this.id = id;
    this.mayHearAll = mayHearAll;
    this.#socket = socket;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  send(message: string): void {
    try {
      this.#socket.send(message);
    } catch {
      // The peer is gone; closing tells the runtime to forget the socket.
      this.#socket.close(1011, "send failed");
    }
  }
}

/**
 * Stock near those who want to know it: answers reads of a region from memory, within the reader's bound, and holds
 * sockets that watch up to 1,000 SKUs each. Thin on purpose: `following.ts` knows the stock, `sessions.ts` the clients.
 */
export class FeedObject extends DurableObject<Env> {
  readonly #store: FeedStore;
  readonly #wake: Wake;
  readonly #following: Following;
  readonly #sessions: Sessions<Peer>;
  readonly #firehose: Firehose<Peer>;
  readonly #peers = new WeakMap<WebSocket, Peer>();
  readonly #speech = new Speech<WebSocket>();
  /** What the clients had been told before this memory began. */
  #told = new Map<string, string>();
  #isToldSaved = true;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new FeedStore(ctx.storage.sql);
    this.#wake = new Wake(ctx.storage);
    this.#sessions = new Sessions({
      now: () => Date.now(),
      sleep: (ms) => scheduler.wait(Math.max(1, ms)),
      watch: async (sku) => (await this.#following.read(sku, revalidateMs))?.stock,
      known: (sku) => this.#following.known(sku),
      save: (peer, skus) => this.#save(peer, skus),
      placeOf: (cursor) => this.#placeOf(cursor),
      cursorOf: formatTailCursor,
      listen: (peer, place) => this.ctx.waitUntil(this.#firehose.listen(peer, place)),
      stopListening: (peer) => this.#firehose.drop(peer),
    });
    this.#firehose = new Firehose({
      sleep: (ms) => scheduler.wait(ms),
      read: (place, batchesMax) => tailAfter(ledgerOf(env), place, batchesMax),
      send: (peer, message) => peer.send(JSON.stringify(message)),
      expired: (peer) =>
        sendProblem(peer, "cursor-expired", "read GET /v1/ledger, and subscribe with its liveCursor"),
    });
    this.#following = new Following({
      now: () => Date.now(),
      follow: (sku) => {
        const lease = { forMs: leaseMs, isDurable: this.#sessions.isWatched(sku) };
        return this.env.SKU.getByName(sku).follow(this.ctx.id.name ?? "", lease);
      },
      isWatched: (sku) => this.#sessions.isWatched(sku),
      changed: (stock) => this.#changed(stock),
    });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    void ctx.blockConcurrencyWhile(async () => {
      if (!this.#store.exists()) return;
      ctx.storage.transactionSync(() => this.#store.migrate());
      await this.#wake.load();
      this.#restore();
    });
  }

  /** The stock of SKUs, each at most so old; undefined for those that are unknown. */
  async read(skus: string[], maxAgeMs: number): Promise<(FeedReading | undefined)[]> {
    return Promise.all(skus.map((sku) => this.#following.read(sku, maxAgeMs)));
  }

  /** A SKU tells of its newest view. False if it need not tell any more. */
  async push(stock: StockView): Promise<boolean> {
    return this.#following.push(stock);
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return new Response("expected a WebSocket", { status: 426 });
    }
    const refusal = refuseSocket(this.ctx, request.headers);
    if (refusal !== undefined) return refusal;
    const { 0: client, 1: server } = new WebSocketPair();
    const mayHearAll = request.headers.get(hasSecretKeyHeader) === "true";
    const attachment: Attachment = { id: crypto.randomUUID(), mayHearAll };
    this.ctx.acceptWebSocket(server, tagsOf(request.headers));
    server.serializeAttachment(attachment);
    this.#peers.set(server, new Peer(attachment, server));
    this.#countSockets();
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const peer = this.#peerOf(socket);
    const excess = this.#speech.refuse(socket, message, Date.now());
    if (excess !== undefined) {
      sendProblem(peer, excess.slug, excess.detail);
      peer.close(excess.closeCode, excess.slug);
      return;
    }
    const text = typeof message === "string" ? message : new TextDecoder().decode(message);
    try {
      await this.#sessions.receive(peer, text);
    } catch (error) {
      log("feed.message_failed", {}, { error });
      // It waits for an answer that would not come: the platform keeps a socket open whose message failed.
      peer.close(1011, "connect and subscribe again");
    }
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#drop(socket);
    // 1005 and 1006 only describe a close without a code; they cannot be sent.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#drop(socket);
  }

  /** Asks again what is watched, and remembers what was told. */
  override async alarm(): Promise<void> {
    this.#wake.fired();
    const skus = [...this.#sessions.skus];
    if (skus.length === 0) return;
    this.#wake.by(Date.now() + revalidateMs);
    for (let start = 0; start < skus.length; start += askedAtOnce) {
      const round = skus.slice(start, start + askedAtOnce).map((sku) => this.#following.revalidate(sku));
      // What cannot be reached now is asked in the next round.
      await Promise.allSettled(round);
    }
    this.#saveTold();
  }

  async #placeOf(cursor: string | undefined): Promise<TailPlace | undefined> {
    const ledger = ledgerOf(this.env);
    if (cursor === undefined) return tailEnd(ledger);
    try {
      return parseTailCursor(cursor, ledger.count);
    } catch {
      return undefined;
    }
  }

  #changed(stock: StockView): void {
    if (!this.#sessions.isWatched(stock.sku)) return;
    const isNewToClients = isNews(stock, this.#told.get(stock.sku));
    this.#told.set(stock.sku, positionText(stock));
    if (!isNewToClients) return;
    this.#isToldSaved = false;
    const sending = this.#sessions.changed(stock);
    if (sending !== undefined) this.ctx.waitUntil(sending);
  }

  #save(peer: Peer, skus: ReadonlySet<string>): void {
    this.ctx.storage.transactionSync(() => {
      this.#store.migrate();
      this.#store.saveSocket(peer.id, [...skus]);
    });
    if (skus.size > 0) this.#wake.by(Date.now() + revalidateMs);
  }

  #saveTold(): void {
    if (this.#isToldSaved) return;
    for (const sku of this.#told.keys()) if (!this.#sessions.isWatched(sku)) this.#told.delete(sku);
    this.ctx.storage.transactionSync(() => this.#store.saveTold(this.#told));
    this.#isToldSaved = true;
  }

  /** Sockets outlive the object's memory; their subscriptions are in the store. */
  #restore(): void {
    const stored = this.#store.sockets();
    for (const socket of this.ctx.getWebSockets()) {
      const peer = this.#peerOf(socket);
      const skus = stored.get(peer.id) ?? [];
      // Where it was is lost with the memory; the client knows it, and goes on from there.
      if (skus.includes(everything)) peer.close(1012, "subscribe again with your cursor");
      else this.#sessions.restore(peer, skus);
      stored.delete(peer.id);
    }
    for (const id of stored.keys()) this.#store.removeSocket(id);
    this.#countSockets();
    this.#told = this.#store.told();
  }

  #drop(socket: WebSocket): void {
    const peer = this.#peerOf(socket);
    this.#countSockets(socket);
    this.#sessions.drop(peer);
    if (this.#store.exists()) this.#store.removeSocket(peer.id);
  }

  /** Notes how many sockets there are, for the metrics; `closing` is one that is on its way out. */
  #countSockets(closing?: WebSocket): void {
    const open = this.ctx
      .getWebSockets()
      .filter((socket) => socket !== closing && socket.readyState === WebSocket.OPEN);
    noteSockets("feed", this.ctx.id.name ?? "", open.length);
  }

  #peerOf(socket: WebSocket): Peer {
    const known = this.#peers.get(socket);
    if (known !== undefined) return known;
    const peer = new Peer(socket.deserializeAttachment() as Attachment, socket);
    this.#peers.set(socket, peer);
    return peer;
  }
}
