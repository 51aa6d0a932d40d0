import { Parser } from "@asyncapi/parser";
import { expect, test } from "vitest";
import { asyncApi } from "../../../src/api/asyncapi.ts";
import { ClientMessage, ServerMessage } from "../../../src/protocol/live.ts";

test("the description of sockets is a valid AsyncAPI 3 document that names every message", async () => {
  const text = JSON.stringify(asyncApi());
  const { document, diagnostics } = await new Parser().parse(text);
  expect(diagnostics.map(({ severity }) => severity)).not.toContain(0);
  const described = document
    ?.allMessages()
    .all()
    .map((message) => message.name());
  const all = [...ClientMessage.options, ...ServerMessage.options].map((schema) => schema.meta()?.id);
  expect(new Set(described)).toEqual(new Set(all));
  expect(text).not.toContain('"$defs"');
});
