import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { challenge, looksLikeToken, oauthSettings, principalOfToken } from "../../../src/http/oauth.ts";
import { ProblemError } from "../../../src/http/problem.ts";
import { Issuer } from "../../fakes/issuer.ts";

const publicUrl = "https://stock.example";
const resource = `${publicUrl}/mcp`;

describe("a token of an authorization server", () => {
  let issuer: Issuer;
  let vars: Parameters<typeof oauthSettings>[0];

  beforeAll(async () => {
    issuer = await Issuer.start();
    vars = varsFor(issuer.url, issuer.jwksUrl);
  });
  afterAll(() => issuer.stop());

  const principalOf = (token: string, given = vars) => {
    const settings = oauthSettings(given);
    if (settings === undefined) throw new Error("OAuth is off");
    return principalOfToken(token, settings, given);
  };
  const refusalOf = async (token: string, given = vars) => {
    const error: unknown = await principalOf(token, given).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ProblemError)) throw new Error(`expected a problem, got ${String(error)}`);
    return { slug: error.slug, detail: error.members.detail, header: error.headers["www-authenticate"] };
  };

  it("says who is calling, what they may do, and until when", async () => {
    const exp = Math.floor(Date.now() / 1_000) + 100;
    const principal = await principalOf(await issuer.token(resource, "stock:hold openid", { exp }));
    expect(principal).toEqual({
      id: "oauth:shopper:shopper-1",
      scopes: new Set(["stock:hold"]),
      isSecret: true,
      expiresAtMs: exp * 1_000,
    });
  });

  it("lets nobody be taken for another, whatever their name is made of", async () => {
    const [a, b] = await Promise.all([
      principalOf(await issuer.token(resource, "stock:read", { client_id: "a:b", sub: "c" })),
      principalOf(await issuer.token(resource, "stock:read", { client_id: "a", sub: "b:c" })),
    ]);
    expect(a.id).not.toBe(b.id);
    expect(a.id).not.toContain("\n");
  });

  it("takes scopes from `scope` or `scp`, and never more than the issuer may grant", async () => {
    const all = "stock:read stock:write channels:manage admin stock:hold";
    expect((await principalOf(await issuer.token(resource, all))).scopes).toEqual(
      new Set(["stock:read", "stock:hold"]),
    );
    const token = await issuer.token(resource, "", { scope: undefined, scp: ["stock:read", 7] });
    expect((await principalOf(token)).scopes).toEqual(new Set(["stock:read"]));
    expect((await principalOf(await issuer.token(resource, ""))).scopes).toEqual(new Set());
    const wider = { ...vars, OAUTH_SCOPES: "stock:write  nonsense" };
    expect((await principalOf(await issuer.token(resource, all), wider)).scopes).toEqual(
      new Set(["stock:write"]),
    );
  });

  it("may name several audiences, if this service is one", async () => {
    const token = await issuer.token(resource, "stock:read", { aud: ["https://other.example", resource] });
    expect((await principalOf(token)).scopes.size).toBe(1);
  });

  it.each([
    ["for another service", { aud: "https://other.example/mcp" }, "it is for another service"],
    ["for this service's root", { aud: publicUrl }, "it is for another service"],
    ["from another issuer", { iss: "https://other.example" }, "it is from another issuer"],
    ["over", { exp: 1_000_000_000 }, "it has expired"],
    ["without an end", { exp: undefined }, "its claim exp is missing or wrong"],
    ["not valid yet", { nbf: 4_000_000_000 }, "its claim nbf is missing or wrong"],
    ["without a subject", { sub: undefined }, "its claim sub is missing or wrong"],
    ["with an empty subject", { sub: "" }, "it names no subject, or one that is too long"],
  ])("is refused if it is %s", async (_, claims, reason) => {
    const refusal = await refusalOf(await issuer.token(resource, "stock:read", claims));
    expect(refusal.slug).toBe("unauthorized");
    expect(refusal.detail).toContain(reason);
    expect(refusal.header).toContain('error="invalid_token"');
    expect(refusal.header).toContain(
      `resource_metadata="${publicUrl}/.well-known/oauth-protected-resource/mcp"`,
    );
  });

  it("is refused if it is signed with anything but a key of the issuer", async () => {
    const claims = { iss: issuer.url, aud: resource, sub: "s", scope: "stock:read" };
    const sign = (alg: string, key: Parameters<SignJWT["sign"]>[0], kid: string) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid }).setExpirationTime("5m").sign(key);
    const own = await issuer.publicJwk();
    const stranger = await generateKeyPair("ES256");
    expect((await refusalOf(await sign("ES256", stranger.privateKey, String(own["kid"])))).detail).toContain(
      "its signature is wrong",
    );
    expect((await refusalOf(await sign("ES256", stranger.privateKey, "other"))).detail).toContain(
      "a key that the issuer does not have",
    );
    // What everybody knows, the public key, is no secret to sign with.
    const known = new TextEncoder().encode(JSON.stringify(own));
    expect((await refusalOf(await sign("HS256", known, String(own["kid"])))).detail).toContain(
      "its algorithm is not allowed",
    );
    const unsigned = new UnsecuredJWT(claims).setExpirationTime("5m").encode();
    expect((await refusalOf(unsigned)).slug).toBe("unauthorized");
    expect((await refusalOf("a.b.c")).detail).toContain("it is not a signed token");
    expect((await refusalOf(`a.${"b".repeat(9_000)}.c`)).detail).toContain("it is too long");
  });

  it("is checked with keys that are fetched once, and again for a key that is new", async () => {
    const fresh = await Issuer.start();
    const given = varsFor(fresh.url, fresh.jwksUrl);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => fresh.token(resource, "stock:read")));
    await Promise.all(tokens.map((token) => principalOf(token, given)));
    expect(fresh.keysAsked).toBe(1);
    // Keys that were fetched just now are not fetched again for every token that names another one.
    await fresh.rotate();
    const rotated = await fresh.token(resource, "stock:read");
    await Promise.all(Array.from({ length: 20 }, () => refusalOf(rotated, given)));
    expect(fresh.keysAsked).toBe(1);
    await fresh.stop();
  });

  it("is answered with 503, not 401, while the issuer's keys are out of reach, too large, elsewhere, or private", async () => {
    const token = await issuer.token(resource, "stock:read");
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const server = createServer((request, response) => {
      if (request.url === "/moved") response.writeHead(302, { location: issuer.jwksUrl }).end();
      else response.end(JSON.stringify({ keys: [], padding: "x".repeat(300_000) }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const jwksUrl of [`${base}/large`, `${base}/moved`, "http://127.0.0.1:1/jwks"]) {
      expect(await refusalOf(token, varsFor(issuer.url, jwksUrl))).toMatchObject({ slug: "unavailable" });
    }
    const guarded = { ...varsFor(issuer.url, `${issuer.jwksUrl}?guarded`), ALLOW_PRIVATE_CHANNELS: "false" };
    expect(await refusalOf(token, guarded)).toMatchObject({ slug: "unavailable" });
    expect(logged).toHaveBeenCalledTimes(4);
    logged.mockRestore();
    server.close();
  });

  it("is not taken at all unless an authorization server is set up", () => {
    for (const name of ["OAUTH_ISSUER", "OAUTH_JWKS_URL", "PUBLIC_URL"] as const) {
      expect(oauthSettings({ ...vars, [name]: "" })).toBeUndefined();
    }
    expect(challenge(undefined)).toBe("Bearer");
    expect(looksLikeToken("swk_0123456789")).toBe(false);
  });

  it("can be of any algorithm with a public key that is allowed", async () => {
    const keys = await generateKeyPair("RS256");
    const jwk = { ...(await exportJWK(keys.publicKey)), alg: "RS256", kid: "rsa" };
    const server = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const token = await new SignJWT({ scope: "stock:read", azp: "web" })
      .setProtectedHeader({ alg: "RS256", kid: "rsa" })
      .setIssuer(issuer.url)
      .setAudience(resource)
      .setSubject("s")
      .setExpirationTime("5m")
      .sign(keys.privateKey);
    expect((await principalOf(token, varsFor(issuer.url, jwksUrl))).id).toBe("oauth:web:s");
    server.close();
  });
});

function varsFor(issuer: string, jwksUrl: string) {
  return {
    OAUTH_ISSUER: issuer,
    OAUTH_JWKS_URL: jwksUrl,
    OAUTH_SCOPES: "stock:read stock:hold",
    PUBLIC_URL: publicUrl,
    ALLOW_PRIVATE_CHANNELS: "true",
  };
}
