import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentKey } from "./agent.ts";
import { Service } from "./service.ts";

/** The protocol's own test suite against the real service. Takes about 20 s, half of it the start of the service. */
describe("MCP conformance", () => {
  let service: Service;
  let proxy: Server;
  let results: string;

  beforeAll(async () => {
    service = await Service.start();
    results = await mkdtemp(join(tmpdir(), "stockwire-conformance-"));
    await service.count("CONFORM", 3);
    proxy = await keyedProxy(service.url, await agentKey(service));
  });
  afterAll(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await service.remove();
    await rm(results, { recursive: true });
  });

  it.each(["2026-07-28", "2025-11-25"])(
    "meets the requirements of revision %s, except for what does not apply",
    async (revision) => {
      const expected = join("test/conformance", `${revision}.yml`);
      const { port } = proxy.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/mcp`;
      const args = ["server", "--url", url, "--requirements", revision, "--expected-failures", expected];
      const { code, output } = await run("conformance", [...args, "--output-dir", results]);
      expect(output).toContain(`Running requirements ${revision}`);
      // The suite says at the end what is unexpected, and its code says whether anything is.
      expect({ code, end: code === 0 ? "" : output.slice(-2_000) }).toEqual({ code: 0, end: "" });
    },
  );

  it("is documented with everything that does not apply", async () => {
    const docs = await readFile("docs/agents.md", "utf8");
    const files = await Promise.all(
      ["2026-07-28", "2025-11-25"].map((revision) => readFile(`test/conformance/${revision}.yml`, "utf8")),
    );
    const scenarios = files.flatMap((text) =>
      [...text.matchAll(/^ {2}- ([\w-]+):/gm)].map((match) => match[1]),
    );
    expect(scenarios.length).toBeGreaterThan(40);
    expect(scenarios.filter((scenario) => !docs.includes(`\`${scenario}\``))).toEqual([]);
  });
});

/** The suite has no credentials to give, so it speaks to the service through this. */
async function keyedProxy(url: string, key: string): Promise<Server> {
  const { hostname, port } = new URL(url);
  const proxy = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${key}` };
    const passed = request(
      { hostname, port, path: incoming.url, method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(passed);
    passed.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passed.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return proxy;
}

async function run(
  command: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const child = spawn(join("node_modules/.bin", command), args, { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output: Buffer.concat(chunks).toString() };
}
