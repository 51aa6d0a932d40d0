import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { ClientCredentialsProvider } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Issuer } from "../fakes/issuer.ts";
import { Agent } from "./agent.ts";
import { Service } from "./service.ts";

/** Agents with tokens of an authorization server. Takes about 10 s, most of it the start of the service. */
describe("an agent with an access token", () => {
  let issuer: Issuer;
  let service: Service;

  beforeAll(async () => {
    issuer = await Issuer.start();
    // Tokens are for the public address, so that must be known before the service starts.
    const port = await freePort();
    service = await Service.start(port, {
      args: ["--public-url", `http://127.0.0.1:${port}`],
      env: { OAUTH_ISSUER: issuer.url, OAUTH_JWKS_URL: issuer.jwksUrl },
    });
  });
  afterAll(async () => {
    await service.remove();
    await issuer.stop();
  });

  const resource = () => `${service.url}/mcp`;
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it("finds the authorization server by itself, asks it for a token, and buys", async () => {
    await service.count("OAUTH", 3);
    const authProvider = new ClientCredentialsProvider({
      clientId: Issuer.client.id,
      clientSecret: Issuer.client.secret,
      scope: "stock:hold",
      expectedIssuer: issuer.url,
    });
    const agent = await Agent.connectWith(service.url, { authProvider });
    const held = await agent.act("hold_stock", { lines: [{ sku: "OAUTH", quantity: 2 }] });
    const sold = await agent.act("commit_hold", { reservation_id: held.output.reservation_id });
    expect(sold.output).toMatchObject({ status: "committed", lines: [{ sku: "OAUTH", quantity: 2 }] });
    await agent.close();
  });

  it("is told where to get one, and what for", async () => {
    const metadataUrl = `${service.url}/.well-known/oauth-protected-resource/mcp`;
    const stranger = await fetch(resource(), {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get("www-authenticate")).toBe(
      `Bearer scope="stock:read stock:hold", resource_metadata="${metadataUrl}"`,
    );
    for (const url of [metadataUrl, `${service.url}/.well-known/oauth-protected-resource`]) {
      const answer = await fetch(url);
      expect(await answer.json()).toMatchObject({
        resource: resource(),
        authorization_servers: [issuer.url],
        scopes_supported: ["stock:read", "stock:hold"],
        bearer_methods_supported: ["header"],
      });
    }
  });

  it("is told which scope it lacks, so that it can ask for more", async () => {
    const token = await issuer.token(resource(), "stock:read");
    const reader = await Agent.connect(service.url, token);
    expect((await reader.call("check_stock", { skus: ["OAUTH"] })).output.items).toHaveLength(1);
    await reader.close();
    const hold = (headers: Record<string, string>) =>
      fetch(resource(), {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          "mcp-protocol-version": "2026-07-28",
          "mcp-method": "tools/call",
          "mcp-name": "hold_stock",
          ...headers,
        },
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "tools/call",
          params: {
            name: "hold_stock",
            arguments: { lines: [{ sku: "OAUTH", quantity: 1 }], idempotency_key: "step-up" },
            _meta: {
              "io.modelcontextprotocol/protocolVersion": "2026-07-28",
              "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
              "io.modelcontextprotocol/clientCapabilities": {},
            },
          },
        }),
      });
    const refused = await hold(bearer(token));
    expect(refused.status).toBe(403);
    const header = refused.headers.get("www-authenticate") ?? "";
    expect(header).toContain('error="insufficient_scope"');
    expect(header).toContain('scope="stock:hold"');
    expect(header).toContain("resource_metadata=");
    expect((await hold(bearer(await issuer.token(resource(), "stock:hold")))).status).toBe(200);

    const none = await service.call(
      "GET",
      "/v1/skus/OAUTH",
      undefined,
      bearer(await issuer.token(resource(), "")),
    );
    expect(none.status).toBe(403);
    expect(none.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
  });

  it("holds only for itself, whoever else the server issues tokens to", async () => {
    await service.count("MINE", 2);
    const of = async (sub: string) =>
      Agent.connect(service.url, await issuer.token(resource(), "stock:hold", { sub }));
    const [mine, other] = await Promise.all([of("a"), of("b")]);
    const held = await mine.act("hold_stock", { lines: [{ sku: "MINE", quantity: 1 }] });
    const reservation = { reservation_id: held.output.reservation_id };
    expect((await other.act("release_hold", reservation)).error.code).toBe("reservation-not-found");
    const again = await of("a");
    expect((await again.act("release_hold", reservation)).output.status).toBe("released");
    await Promise.all([mine.close(), other.close(), again.close()]);
  });

  it("is refused with a token that is over, for somebody else, or forged", async () => {
    const tokens = [
      await issuer.token(resource(), "stock:read", { exp: 1_000_000_000 }),
      await issuer.token("https://other.example/mcp", "stock:read"),
      `${(await issuer.token(resource(), "stock:read")).slice(0, -8)}AAAAAAAA`,
    ];
    for (const token of tokens) {
      const answer = await service.call("GET", "/v1/skus/OAUTH", undefined, bearer(token));
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    }
    expect(
      (await service.call("GET", "/v1/keys", undefined, bearer(await issuer.token(resource(), "admin"))))
        .status,
    ).toBe(403);
  });

  it("is told of changes until its token is over, and no longer", async () => {
    await service.count("UNTIL", 1);
    const exp = Math.floor(Date.now() / 1_000) + 3;
    const agent = await Agent.connect(service.url, await issuer.token(resource(), "stock:read", { exp }));
    const subscription = await agent.client.listen({ resourceSubscriptions: ["stock://UNTIL"] });
    expect(await subscription.closed).toBe("graceful");
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000 - 50);
    await agent.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
