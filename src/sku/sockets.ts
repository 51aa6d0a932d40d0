import type { StockEvent } from "../protocol/event.ts";
import { type ProblemSlug, problemType, problemTypes } from "../protocol/problem.ts";
import type { StockView } from "../protocol/stock.ts";
import { publishEvent } from "../stock/publish.ts";
import { refuseSocket, Speech, tagsOf } from "../storage/sockets.ts";
import { noteSockets } from "../telemetry/metrics.ts";

/** The sockets that watch one SKU. They hibernate with the object; pings are answered without waking it. */
export class SkuSockets {
  readonly #ctx: DurableObjectState;
  readonly #speech = new Speech<WebSocket>();

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Accepts a socket and sends it the present view first, unless there are too many. */
  accept(stock: StockView, headers: Headers): Response {
    const refusal = refuseSocket(this.#ctx, headers);
    if (refusal !== undefined) return refusal;
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, tagsOf(headers));
    this.count();
    server.send(JSON.stringify({ type: "stock", stock }));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Notes how many sockets there are, for the metrics; `closing` is one that is on its way out. */
  count(closing?: WebSocket): void {
    const open = this.#ctx
      .getWebSockets()
      .filter((socket) => socket !== closing && socket.readyState === WebSocket.OPEN);
    noteSockets("sku", this.#ctx.id.name ?? "", open.length);
  }

  /** Sends the newest view to every socket, with the event that led to it. */
  broadcast(newest: () => StockView, event: StockEvent): void {
    const sockets = this.#ctx.getWebSockets();
    if (sockets.length === 0) return;
    const stock = newest();
    const message = JSON.stringify({ type: "stock", stock, event: publishEvent(stock.sku, stock, event) });
    for (const socket of sockets) sendOrClose(socket, message);
  }

  /** A one-SKU socket only listens; whatever it says but `ping` is answered with a problem, and too much of it closes it. */
  refuse(socket: WebSocket, message: string | ArrayBuffer): void {
    const excess = this.#speech.refuse(socket, message, Date.now());
    sendOrClose(
      socket,
      excess === undefined
        ? problemMessage("unknown-message", 'this socket watches one SKU and only understands "ping"')
        : problemMessage(excess.slug, excess.detail),
    );
    if (excess !== undefined) socket.close(excess.closeCode, excess.slug);
  }
}

function problemMessage(slug: ProblemSlug, detail: string): string {
  const [status, title] = problemTypes[slug];
  return JSON.stringify({ type: "error", problem: { type: problemType(slug), title, status, detail } });
}

function sendOrClose(socket: WebSocket, message: string): void {
  try {
    socket.send(message);
  } catch {
    // The peer is gone; closing tells the runtime to forget the socket.
    socket.close(1011, "send failed");
  }
}
