import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { z } from "zod";

const Found = z.object({ items: z.array(z.object({ sku: z.string() })) });
const Checked = z.object({ items: z.array(z.object({ available: z.int(), as_of: z.string() })) });
const Held = z.object({ reservation_id: z.string(), expires_in_seconds: z.int() });
const Bought = z.object({ order: z.object({ order_id: z.string() }) });
const Refused = z.object({
  error: z.object({
    message: z.string(),
    next: z.string(),
    stock: z.array(z.object({ available: z.int() })).optional(),
  }),
});

/** A tool did not do what it was asked for, and says what to do next. */
class ToolRefusal extends Error {
  readonly next: string;

  constructor({ error }: z.infer<typeof Refused>) {
    const now = error.stock?.map(({ available }) => `${available} available now`).join(", ");
    super(now === undefined ? error.message : `${error.message} (${now})`);
    this.next = error.next;
  }
}

/** An agent that buys one of something, as a model with these tools would. `say` is told each step. */
export class Shopper {
  readonly #name: string;
  readonly #client: Client;
  readonly #say: (line: string) => void;

  private constructor(name: string, client: Client, say: (line: string) => void) {
    this.#name = name;
    this.#client = client;
    this.#say = say;
  }

  static async connect(
    url: string,
    key: string,
    name: string,
    say: (line: string) => void,
  ): Promise<Shopper> {
    const client = new Client({ name, version: "1" }, { versionNegotiation: { mode: "auto" } });
    const requestInit = { headers: { authorization: `Bearer ${key}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit }));
    return new Shopper(name, client, say);
  }

  /** The id of what is called so; undefined if the shop has no such thing, or does not list it yet. */
  async find(query: string): Promise<string | undefined> {
    const { items } = await this.#call(Found, "search_stock", { query });
    const sku = items[0]?.sku;
    if (sku !== undefined) this.#tell(`found ${sku}`);
    return sku;
  }

  async check(sku: string): Promise<number> {
    const { items } = await this.#call(Checked, "check_stock", { skus: [sku] });
    const available = items[0]?.available ?? 0;
    this.#tell(`sees ${available} of ${sku}, as of ${items[0]?.as_of}`);
    return available;
  }

  /** Holds one and buys it. Answers whether it did; somebody else may have been faster. */
  async buyOne(sku: string): Promise<boolean> {
    try {
      const lines = [{ sku, quantity: 1 }];
      const held = await this.#act(Held, "hold_stock", { lines, ttl_seconds: 120 });
      this.#tell(`holds one for ${held.expires_in_seconds} s`);
      const bought = await this.#act(Bought, "commit_hold", { reservation_id: held.reservation_id });
      this.#tell(`bought it: order ${bought.order.order_id.slice(0, 24)}...`);
      return true;
    } catch (error) {
      if (!(error instanceof ToolRefusal)) throw error;
      this.#tell(`is refused: ${error.message}`);
      this.#tell(`is told what to do: ${error.next}`);
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** A call that changes something has a key of its own, so that it could be repeated safely. */
  #act<Output>(answer: z.ZodType<Output>, name: string, args: Record<string, unknown>): Promise<Output> {
    return this.#call(answer, name, { ...args, idempotency_key: crypto.randomUUID() });
  }

  async #call<Output>(
    answer: z.ZodType<Output>,
    name: string,
    args: Record<string, unknown>,
  ): Promise<Output> {
    const result = await this.#client.callTool({ name, arguments: args });
    if (result.isError !== true) return answer.parse(result.structuredContent);
    const [content] = result.content;
    throw new ToolRefusal(Refused.parse(JSON.parse(content?.type === "text" ? content.text : "")));
  }

  #tell(what: string): void {
    this.#say(`${this.#name.padEnd(7)} ${what}`);
  }
}
