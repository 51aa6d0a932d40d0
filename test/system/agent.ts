import {
  Client,
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from "@modelcontextprotocol/client";
import type { Service } from "./service.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
type Anything = any;

/** What a tool answered: its output, or the error in it. */
export interface Told {
  readonly output: Anything;
  readonly error: Anything;
}

/** An agent: a real MCP client with a key of its own. */
export class Agent {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  static async connect(url: string, key: string, mode: "auto" | "legacy" = "auto"): Promise<Agent> {
    return Agent.connectWith(url, { requestInit: { headers: { authorization: `Bearer ${key}` } } }, mode);
  }

  /** With any credentials that the client knows how to use. */
  static async connectWith(
    url: string,
    options: StreamableHTTPClientTransportOptions,
    mode: "auto" | "legacy" = "auto",
  ): Promise<Agent> {
    const client = new Client({ name: "test-agent", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", url), options));
    return new Agent(client);
  }

  /** Calls a tool. What it says must be the same as text and as structured content. */
  async call(name: string, args: Record<string, unknown>): Promise<Told> {
    const result = await this.client.callTool({ name, arguments: args });
    const [content] = result.content;
    const text = content?.type === "text" ? content.text : "";
    if (result.isError === true) return { output: undefined, error: parse(text)?.error ?? text };
    if (text !== JSON.stringify(result.structuredContent))
      throw new Error(`${name}: text and content differ`);
    return { output: result.structuredContent, error: undefined };
  }

  /** Calls a tool that changes something, under a new key. */
  async act(name: string, args: Record<string, unknown>): Promise<Told> {
    return this.call(name, { ...args, idempotency_key: crypto.randomUUID() });
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

/** A key of its own for an agent. */
export async function agentKey(service: Service, scopes = ["stock:hold"]): Promise<string> {
  const made = await service.call("POST", "/v1/keys", { name: "agent", scopes });
  return made.body.key as string;
}

function parse(text: string): Anything {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
