const hourMs = 3_600_000;

/** How the app signs in. `fixed`: a token made once in the admin. */
export interface FakeApp {
  readonly clientId: string;
  clientSecret: string;
}

/** The shop's authorisation server: tokens that end, refresh tokens that rotate. */
export class OAuth {
  readonly app: FakeApp = { clientId: "0f5c3a7d9b1e4c28", clientSecret: "shpss_3b1d5f0a9c7e4826" };
  isInstalled = true;
  /** How often a token was granted. */
  grants = 0;
  readonly #now: () => number;
  readonly #endings = new Map<string, number>();
  /** The newest, and the one before it as long as nobody has used what it was replaced by. */
  #refresh: { readonly current: string; previous?: string | undefined; readonly accessToken?: string };

  constructor(now: () => number) {
    this.#now = now;
    this.#refresh = { current: "shprt_first0000000000" };
  }

  get refreshToken(): string {
    return this.#refresh.current;
  }

  /** A token that does not end by itself. */
  fixedToken(): string {
    const token = "shpat_fixed000000000000";
    this.#endings.set(token, Number.POSITIVE_INFINITY);
    return token;
  }

  /** Tokens of before are worth nothing any more. */
  revokeAll(): void {
    this.#endings.clear();
  }

  /** The owner opens the app again: the chain of refresh tokens starts over. */
  authorizeAgain(): string {
    this.#refresh = { current: `shprt_again${String(this.grants).padStart(12, "0")}` };
    return this.#refresh.current;
  }

  accepts(token: string | null): boolean {
    const endsAtMs = token === null ? undefined : this.#endings.get(token);
    const isAccepted = this.isInstalled && endsAtMs !== undefined && endsAtMs > this.#now();
    if (isAccepted && token === this.#refresh.accessToken) this.#refresh.previous = undefined;
    return isAccepted;
  }

  grant(request: Request, form: URLSearchParams): Response {
    if (!request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")) {
      return refusal("invalid_request", "The request must be form encoded");
    }
    if (form.get("client_id") !== this.app.clientId) {
      return refusal("application_cannot_be_found", "Could not find Shopify API application");
    }
    if (form.get("client_secret") !== this.app.clientSecret) {
      return refusal("invalid_client", "Client authentication failed");
    }
    if (!this.isInstalled) return refusal("app_not_installed", "The app is not installed on this shop");
    switch (form.get("grant_type")) {
      case "client_credentials":
        return Response.json({
          access_token: this.#issue(24 * hourMs - 1_000),
          scope: "write_inventory",
          expires_in: 86_399,
        });
      case "refresh_token":
        return this.#rotate(form.get("refresh_token") ?? "");
      default:
        return refusal("unsupported_grant_type", "grant_type is not supported");
    }
  }

  #rotate(given: string): Response {
    const { current, previous } = this.#refresh;
    if (given !== current && given !== previous) {
      return refusal("invalid_grant", "The refresh token is invalid, expired or was already used");
    }
    const accessToken = this.#issue(hourMs);
    const next = `shprt_${String(this.grants).padStart(16, "0")}`;
    this.#refresh = { current: next, previous: given, accessToken };
    return Response.json({
      access_token: accessToken,
      expires_in: 3_600,
      refresh_token: next,
      refresh_token_expires_in: 7_776_000,
      scope: "write_inventory",
    });
  }

  #issue(lifetimeMs: number): string {
    this.grants += 1;
    const token = `shpat_${String(this.grants).padStart(16, "0")}`;
    this.#endings.set(token, this.#now() + lifetimeMs);
    return token;
  }
}

function refusal(error: string, error_description: string): Response {
  return Response.json({ error, error_description }, { status: 400 });
}
