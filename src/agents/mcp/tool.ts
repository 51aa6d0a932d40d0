import type { CallToolResult, McpServer, ToolAnnotations } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { z } from "zod";
import { readStock } from "../../api/freshness.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { type Idempotency, scopedTo } from "../../http/idempotency.ts";
import { ProblemError } from "../../http/problem.ts";
import { mayDo } from "../../http/scopes.ts";
import { limits } from "../../protocol/limits.ts";
import type { Scope } from "../../protocol/requests.ts";
import { log } from "../../telemetry/log.ts";
import { errorResult, type ToolError, toolErrorOf } from "./errors.ts";
import { readItems } from "./reading.ts";
import { madeOnce } from "./schema.ts";
import type { StockItem } from "./stock-item.ts";

/** What an agent can call. It is registered anew for each request, with what that request may do. */
export interface Tool {
  readonly name: string;
  register(server: McpServer, c: Context<AppEnv>): void;
}

export interface ToolDefinition<Input, Output extends Record<string, unknown>> {
  readonly name: string;
  readonly title: string;
  /** Written for a model: what it does, and how it goes on from there. */
  readonly description: string;
  readonly scope: Scope;
  readonly annotations: ToolAnnotations;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  run(c: Context<AppEnv>, args: Input): Promise<Output>;
  /** The SKUs that a refusal is about: how many there are now goes with it. */
  readonly skusOf?: (args: Input) => readonly string[];
}

/** Makes a call safe to repeat, as the Idempotency-Key header does over HTTP. */
export const IdempotencyKey = z
  .string()
  .min(1)
  .max(limits.idempotencyKeyLengthMax)
  .regex(/^[\x21-\x7e]+$/, "use visible ASCII characters, without spaces")
  .meta({
    description:
      "A new unique key for each new request (a UUID will do); the same key to repeat the identical call after a failure",
  });

export function defineTool<Input, Output extends Record<string, unknown>>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, scope, annotations } = definition;
  const inputSchema = madeOnce(definition.input);
  const outputSchema = madeOnce(definition.output);
  return {
    name,
    register(server, c) {
      // Somebody with an OAuth token is told over HTTP which scope to ask for; a key cannot get one that way.
      const scopeChallenge = ({ authInfo }: { authInfo?: object }) =>
        authInfo === undefined || mayDo(c.get("principal"), scope)
          ? undefined
          : { scopes: [scope] as [string], errorDescription: `${name} needs the scope ${scope}` };
      const config = { title, description, inputSchema, outputSchema, annotations, scopeChallenge };
      server.registerTool(name, config, async (args) => call(definition, c, args));
    },
  };
}

/** A key for one call of one tool, scoped to the caller. */
export async function idempotencyOfCall(
  c: Context<AppEnv>,
  tool: string,
  { idempotency_key: key, ...args }: { readonly idempotency_key: string },
): Promise<Idempotency> {
  return scopedTo(c, key, { tool, ...args });
}

async function call<Input, Output extends Record<string, unknown>>(
  definition: ToolDefinition<Input, Output>,
  c: Context<AppEnv>,
  args: Input,
): Promise<CallToolResult> {
  const { name, scope } = definition;
  try {
    if (!mayDo(c.get("principal"), scope)) {
      throw new ProblemError("forbidden", { detail: `${name} needs a key with the scope ${scope}` });
    }
    const output = await definition.run(c, args);
    return { content: [{ type: "text", text: JSON.stringify(output) }], structuredContent: output };
  } catch (error) {
    const told = toolErrorOf(error, name);
    const isAboutStock = told.code === "insufficient-stock" && definition.skusOf !== undefined;
    const stock = isAboutStock ? await stockNow(c, definition.skusOf(args)) : undefined;
    return errorResult({ ...told, ...(stock !== undefined && { stock }) } satisfies ToolError);
  }
}

/** A refusal may be an old one that is repeated, so its numbers are asked for anew. */
async function stockNow(c: Context<AppEnv>, skus: readonly string[]): Promise<StockItem[] | undefined> {
  try {
    const wanted = [...new Set(skus)];
    const items = await readItems((some, maxAgeMs) => readStock(c, some, maxAgeMs), wanted, 0, Date.now);
    return items.filter((item) => item !== undefined);
  } catch (error) {
    log("tool.numbers_left_out", {}, { error });
    return undefined;
  }
}
