import { positionText } from "../feed/positions.ts";
import { ServerMessage } from "../protocol/live.ts";
import { parseEtag } from "../protocol/position.ts";

/** How often a quiet stream says that it is there; proxies close what is silent for a minute. */
const heartbeatMs = 15_000;
/** With more SKUs than this, positions come with heartbeats only: they would outgrow the events. */
const positionsEachEventMax = 10;
/** Events that may wait for a slow reader; behind them only the newest view of each SKU is kept. */
const waitingEventsMax = 16;

const encoder = new TextEncoder();

/**
 * What a socket says, as server-sent events: named as the message's type, its JSON as data. The `id` of an event holds the
 * positions of all SKUs in the order they were asked for, so that a browser that comes back with `Last-Event-ID` gets
 * what changed since and no more.
 */
export function eventStream(
  socket: WebSocket,
  skus: readonly string[],
  lastEventId: string | undefined,
): ReadableStream<Uint8Array> {
  const positions = parsePositions(lastEventId, skus);
  const waiting = new Map<string, ServerMessage>();
  let stopBeating: () => void = () => undefined;

  const flush = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    for (const [name, message] of waiting) {
      if ((controller.desiredSize ?? 0) <= 0) return;
      waiting.delete(name);
      if (message.type === "stock") positions.set(message.stock.sku, positionText(message.stock));
      const isPlaced = skus.length <= positionsEachEventMax || message.type === "subscribed";
      const id = isPlaced ? idLine(positions, skus) : "";
      controller.enqueue(encoder.encode(`event: ${message.type}\n${id}data: ${JSON.stringify(message)}\n\n`));
    }
  };

  const source: UnderlyingSource<Uint8Array> = {
    start(controller) {
      socket.addEventListener("message", ({ data }) => {
        const message = parseMessage(data);
        if (message === undefined) return;
        waiting.set(message.type === "stock" ? `stock ${message.stock.sku}` : message.type, message);
        flush(controller);
      });
      socket.addEventListener("close", () => {
        stopBeating();
        controller.close();
      });
      socket.accept();
      socket.send(JSON.stringify({ type: "subscribe", skus, positions: Object.fromEntries(positions) }));
      const heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) <= 0) return;
        controller.enqueue(encoder.encode(`: heartbeat\n${idLine(positions, skus)}\n`));
      }, heartbeatMs);
      stopBeating = () => clearInterval(heartbeat);
    },
    pull: flush,
    cancel() {
      stopBeating();
      socket.close(1000);
    },
  };
  return new ReadableStream(source, new CountQueuingStrategy({ highWaterMark: waitingEventsMax }));
}

/** Positions in the order of the SKUs; `-` for those that nothing was sent of yet. */
function idLine(positions: ReadonlyMap<string, string>, skus: readonly string[]): string {
  return `id: ${skus.map((sku) => positions.get(sku) ?? "-").join(",")}\n`;
}

/** An id that does not fit what is asked for now says nothing: everything is sent. */
function parsePositions(lastEventId: string | undefined, skus: readonly string[]): Map<string, string> {
  const texts = lastEventId?.split(",") ?? [];
  if (texts.length !== skus.length) return new Map();
  return new Map(
    skus.flatMap((sku, index) => {
      const position = parseEtag(texts[index] ?? "");
      return position === undefined ? [] : [[sku, positionText(position)]];
    }),
  );
}

function parseMessage(data: string | ArrayBuffer): ServerMessage | undefined {
  if (typeof data !== "string" || data === "pong") return undefined;
  return ServerMessage.parse(JSON.parse(data));
}
