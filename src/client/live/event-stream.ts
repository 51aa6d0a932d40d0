import { answerError, type Transport } from "../transport.ts";
import { type Query, queryText } from "../path.ts";
import type { Wire, WireEvents } from "./connection.ts";

/**
 * Opens the stream of server-sent events, for runtimes without WebSocket (Node 20). Resolves once it is accepted; throws
 * StockwireError if the service refuses, and TypeError-like failures of `fetch` as a line that is lost.
 */
export async function openEventStream(
  transport: Transport,
  query: Query,
  lastEventId: string,
  events: WireEvents,
  signal: AbortSignal,
): Promise<Wire> {
  const request = { method: "GET", path: "/v1/live", query, repeat: "harmless" } as const;
  const headers = {
    ...transport.authorization(),
    accept: "text/event-stream",
    "last-event-id": lastEventId,
  };
  let response: Response;
  try {
    response = await transport.fetch(transport.url + request.path + queryText(query), { headers, signal });
  } catch {
    // Nobody there, or given up: the connection tries again.
    events.lost();
    return deaf;
  }
  if (!response.ok || response.body === null) {
    throw answerError(request, { status: response.status, text: await response.text() }, 1);
  }
  void listen(response.body, events);
  return deaf;
}

/** Nothing can be said on a stream of events. */
const deaf: Wire = { send: () => undefined };

/** Tells what comes, message by message, until the stream ends. */
async function listen(body: ReadableStream<Uint8Array>, events: WireEvents): Promise<void> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) events.heard(dataOf(block));
    }
  } catch {
    // The line broke: `lost` says so.
  }
  events.lost();
}

/** The data of an event (WHATWG, server-sent events); a comment, which only says that the line is up, counts as a pong. */
function dataOf(block: string): string {
  const data = block
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trimStart());
  return data.length === 0 ? "pong" : data.join("\n");
}
