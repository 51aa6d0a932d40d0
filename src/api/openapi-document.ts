import type { OpenAPIHono } from "@hono/zod-openapi";
import { type Access, accessTable } from "../http/access.ts";
import type { AppEnv } from "../http/app-env.ts";

type Document = ReturnType<OpenAPIHono<AppEnv>["getOpenAPI31Document"]>;
type Operation = { security?: Record<string, string[]>[]; description?: string | undefined };

/** What describes an app: its registered routes, each with who may use it by the access table. */
export function openApiDocument(app: OpenAPIHono<AppEnv>): Document {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Stockwire",
      version: "1",
      description: "How many of each SKU can be sold, and telling every channel in under half a second.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
  });
  document.components = {
    ...document.components,
    securitySchemes: {
      apiKey: { type: "http", scheme: "bearer", description: "An API key, `swk_...`" },
      ticket: {
        type: "apiKey",
        in: "query",
        name: "ticket",
        description: "From POST /v1/tickets, for browsers; a publishable key may stand in `key` instead",
      },
    },
  };
  for (const [route, access] of Object.entries(accessTable)) {
    const [method = "", path = ""] = route.split(" ");
    const operation = operationAt(document, method, path);
    if (operation !== undefined) describe(operation, access);
  }
  return document;
}

function operationAt(document: Document, method: string, path: string): Operation | undefined {
  const item = document.paths?.[path] as Readonly<Record<string, Operation>> | undefined;
  return item?.[method.toLowerCase()];
}

/** OpenAPI 3.1 lets a bearer scheme list the roles it needs; a reader of the page finds them in the description. */
function describe(operation: Operation, access: Access): void {
  if (access === "public" || access === "signed") {
    operation.security = [];
    return;
  }
  const { scope, inPages, inAddress } = access;
  const need = scope === undefined ? "Any key will do." : `Needs the scope \`${scope}\`.`;
  const also = inPages && scope !== undefined ? " A publishable key will do." : "";
  const scopes = scope === undefined ? [] : [scope];
  operation.security = [{ apiKey: scopes }, ...(inAddress ? [{ ticket: [] }] : [])];
  operation.description = [operation.description, need + also]
    .filter((part) => part !== undefined)
    .join("\n\n");
}
