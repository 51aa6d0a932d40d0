/**
 * What the service is and how to use it, for a language model that comes across it (llmstxt.org): Markdown, short, every
 * address written out.
 */
export function llmsTxt(origin: string): string {
  return `# Stockwire

> The stock of one seller, live: how many units of each SKU can be sold now. Every number says how old it is and at which
> version of the SKU it was true; units can be held for a buyer before he pays.

Ask just before you promise something: a number you remember may be gone. Prices are the seller's to tell; if an answer has
none, this service does not know it.

Every request but those for documents needs a key of the seller: \`Authorization: Bearer swk_...\`.

## Read stock

- [One SKU](${origin}/v1/skus/{sku}): JSON; with \`Accept: application/ld+json\` a schema.org Product with its Offer.
  \`asOf\` is when it was true, \`Age\` how many seconds ago. Without \`Cache-Control\` it is the newest there is; with
  \`Cache-Control: max-age=30\` at most 30 seconds old, and faster.
- [Many SKUs](${origin}/v1/availability): POST \`{ "skus": ["TEE-BLK-M"], "maxAge": 30 }\`, up to 200.
- [Changes as they happen](${origin}/v1/live?skus=TEE-BLK-M): a WebSocket, or server-sent events.

## Hold stock for a buyer

- [Hold](${origin}/v1/reservations): POST \`{ "lines": [{ "sku": "TEE-BLK-M", "quantity": 1 }], "ttlSeconds": 300 }\` with a new
  \`Idempotency-Key\`. All lines or none; 409 says how many there are. A hold ends by itself at \`expiresAt\`.
- Commit it when the buyer has paid, extend it, or release it as soon as he does not want it: units that are held are
  nobody else's meanwhile.
- To repeat a request after a failure, send it again with the same \`Idempotency-Key\`.

## Protocols of agents

- [MCP](${origin}/mcp): the same as tools and resources, with subscriptions
- [UCP](${origin}/.well-known/ucp): profile, catalog lookup, and holds as a capability of our own

## Documents

- [OpenAPI](${origin}/openapi.json): every route, schema and problem
- [Reference](${origin}/docs): the same, readable
- [AsyncAPI](${origin}/asyncapi.json): the messages of the live sockets
`;
}
