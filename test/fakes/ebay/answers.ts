/** Throws what the fake refuses; becomes an answer as eBay gives it. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

export function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

export function error(errorId: number, message: string) {
  return {
    errorId,
    domain: "API_INVENTORY",
    subdomain: "Selling",
    category: "REQUEST",
    message,
    longMessage: message,
  };
}

export function refusal(status: number, errorId: number, message: string): Refusal {
  return new Refusal(status, { errors: [error(errorId, message)] });
}

/** The only names an object may have. */
export function onlyKeys(given: object, allowed: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (!allowed.includes(name)) throw refusal(400, 2004, `Could not serialize field [${name}]`);
  }
}

/** A page and eBay's link to the next one. */
export function paged(all: readonly object[], url: URL, key: string, limitDefault: number, limitMax: number) {
  const limit = Number(url.searchParams.get("limit") ?? limitDefault);
  const offset = Number(url.searchParams.get("offset") ?? 0);
  if (!(limit >= 1 && limit <= limitMax)) throw refusal(400, 25706, "Invalid value for limit");
  const next = new URL(url);
  next.searchParams.set("limit", String(limit));
  next.searchParams.set("offset", String(offset + limit));
  return {
    total: all.length,
    limit,
    ...(offset + limit < all.length && { next: next.href }),
    [key]: all.slice(offset, offset + limit),
  };
}
