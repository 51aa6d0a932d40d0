import { z } from "zod";
import { ClientMessage, ServerMessage } from "../protocol/live.ts";

type Json = Readonly<Record<string, unknown>>;

/** Messages of `/v1/live`, by who says them. */
const fromClient = ClientMessage.options.map(nameOf);
const fromServer = ServerMessage.options.map(nameOf);
const ofStream = ["StockMessage", "SubscribedMessage"];

/** The sockets and streams as an AsyncAPI 3 document, made from the schemas that check every message. */
export function asyncApi(): Json {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Stockwire live",
      version: "1",
      description:
        "Stock as it changes. The newest view of a SKU is always enough: views between two messages may have been left " +
        "out. `ping` is answered with `pong`.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    defaultContentType: "application/json",
    channels: {
      live: channel("/v1/live", "Up to 1,000 SKUs on one WebSocket, or the whole ledger", [
        ...fromClient,
        ...fromServer,
      ]),
      stream: channel(
        "/v1/live",
        "Server-sent events, with `Accept: text/event-stream` and `?sku=`",
        ofStream,
      ),
      sku: {
        ...channel("/v1/skus/{sku}/live", "One SKU on a WebSocket", ["StockMessage", "ErrorMessage"]),
        parameters: { sku: { description: "The SKU, percent-encoded" } },
      },
    },
    operations: {
      say: operation("receive", "live", "What a client may say", fromClient),
      hear: operation("send", "live", "What a client hears", fromServer),
      hearStream: operation("send", "stream", "What a stream of events brings", ofStream),
      hearSku: operation("send", "sku", "The present view first, then each change", [
        "StockMessage",
        "ErrorMessage",
      ]),
    },
    components: {
      messages: Object.fromEntries([...fromClient, ...fromServer].map((name) => [name, message(name)])),
      schemas: schemasOf([...fromClient, ...fromServer]),
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key, `swk_...`" },
        ticket: {
          type: "httpApiKey",
          in: "query",
          name: "ticket",
          description: "From POST /v1/tickets, for browsers; a publishable key may stand in `key` instead",
        },
      },
    },
  };
}

function nameOf(schema: z.ZodType): string {
  return schema.meta()?.id ?? "";
}

function channel(address: string, description: string, messages: readonly string[]): Json {
  return {
    address,
    description,
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
  };
}

function operation(
  action: "send" | "receive",
  channelName: string,
  summary: string,
  messages: readonly string[],
) {
  return {
    action,
    channel: { $ref: `#/channels/${channelName}` },
    summary,
    security: ["apiKey", "ticket"].map((scheme) => ({ $ref: `#/components/securitySchemes/${scheme}` })),
    messages: messages.map((name) => ({ $ref: `#/channels/${channelName}/messages/${name}` })),
  };
}

function message(name: string): Json {
  return { name, payload: { $ref: `#/components/schemas/${name}` } };
}

/** The schemas of some messages and of everything they mention. */
function schemasOf(names: readonly string[]): Json {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    target: "draft-7",
    io: "output",
    unrepresentable: "any",
    uri: (id) => `#/components/schemas/${id}`,
  });
  const wanted = new Map<string, Json>();
  const add = (name: string) => {
    if (wanted.has(name)) return;
    const { $schema: _, $id: __, id: ___, ...schema } = schemas[name] as Record<string, unknown>;
    wanted.set(name, schema);
    const text = JSON.stringify(schema);
    for (const [, mentioned] of text.matchAll(/#\/components\/schemas\/([\w-]+)/g))
      if (mentioned) add(mentioned);
  };
  for (const name of names) add(name);
  return Object.fromEntries(wanted);
}
