import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type GenerateKeyPairResult, SignJWT } from "jose";

const client = { id: "shopper", secret: "shopper-secret" };

/**
 * An authorization server: RFC 8414 metadata, keys, and tokens for a client's own credentials (RFC 6749, section 4.4) that
 * name the resource they were asked for (RFC 8707).
 */
export class Issuer {
  static readonly client = client;
  /** How often its keys were asked for. */
  keysAsked = 0;
  /** Lifetime of the tokens it hands out. */
  lifetimeSeconds = 300;
  readonly #server: Server;
  #keys: GenerateKeyPairResult;
  #keyNumber = 1;

  private constructor(keys: GenerateKeyPairResult) {
    this.#keys = keys;
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer(await generateKeyPair("ES256"));
    await new Promise<void>((resolve) => issuer.#server.listen(0, "127.0.0.1", resolve));
    return issuer;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  get jwksUrl(): string {
    return `${this.url}/jwks`;
  }

  /** A token of its own, with whatever claims are asked for beside and instead of the usual ones. */
  async token(
    audience: string,
    scope: string,
    claims: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const usual = {
      iss: this.url,
      aud: audience,
      sub: "shopper-1",
      client_id: client.id,
      scope,
      iat: nowSeconds,
      exp: nowSeconds + this.lifetimeSeconds,
    };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: this.#kid })
      .sign(this.#keys.privateKey);
  }

  /** From now on it signs with another key. */
  async rotate(): Promise<void> {
    this.#keys = await generateKeyPair("ES256");
    this.#keyNumber += 1;
  }

  async publicJwk(): Promise<Record<string, unknown>> {
    return { ...(await exportJWK(this.#keys.publicKey)), alg: "ES256", use: "sig", kid: this.#kid };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #kid(): string {
    return `key-${this.#keyNumber}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, body] = await this.#answer(request);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  }

  async #answer(request: IncomingMessage): Promise<[number, object]> {
    switch (request.url) {
      case "/.well-known/oauth-authorization-server":
        return [200, this.#metadata()];
      case "/jwks":
        this.keysAsked += 1;
        return [200, { keys: [await this.publicJwk()] }];
      case "/token":
        return this.#grant(request);
      default:
        return [404, { error: "not_found" }];
    }
  }

  #metadata(): object {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: this.jwksUrl,
      response_types_supported: ["code"],
      grant_types_supported: ["client_credentials"],
      token_endpoint_auth_methods_supported: ["client_secret_basic"],
    };
  }

  async #grant(request: IncomingMessage): Promise<[number, object]> {
    const basic = Buffer.from(`${client.id}:${client.secret}`).toString("base64");
    if (request.headers.authorization !== `Basic ${basic}`) return [401, { error: "invalid_client" }];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const [resource, scope] = [form.get("resource"), form.get("scope") ?? "stock:read"];
    if (resource === null) return [400, { error: "invalid_target" }];
    const token = await this.token(resource, scope);
    return [200, { access_token: token, token_type: "Bearer", expires_in: this.lifetimeSeconds, scope }];
  }
}
