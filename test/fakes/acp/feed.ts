import { z } from "zod";

export const url = "https://agent.example/v1";
export const feedId = "feed_8f3K2x";
export const token = "a-token-of-the-agent";

const Availability = z.strictObject({ available: z.boolean().optional(), status: z.string().optional() });
const Price = z.strictObject({ amount: z.int().min(0), currency: z.string().regex(/^[A-Z]{3}$/) });
const Description = z.strictObject({ plain: z.string().optional(), html: z.string().optional() });

const Variant = z.strictObject({
  id: z.string(),
  title: z.string(),
  description: Description.optional(),
  url: z.url().optional(),
  price: Price.optional(),
  availability: Availability.optional(),
  variant_options: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
});
const Product = z.strictObject({
  id: z.string(),
  title: z.string().optional(),
  description: Description.optional(),
  url: z.url().optional(),
  variants: z.array(Variant).min(1),
});
const Upsert = z.strictObject({ products: z.array(Product).min(1) });

export type FakeProduct = z.infer<typeof Product>;

export interface Upserted {
  readonly key: string | null;
  readonly body: unknown;
}

/**
 * An agent's Feed API (Agentic Commerce Protocol, 2026-04-17): strict about what it takes, all or nothing in one upsert,
 * and a key that it knows is answered again and changes nothing.
 */
export class AcpFeed {
  readonly products = new Map<string, FakeProduct>();
  readonly upserts: Upserted[] = [];
  reads = 0;
  /** Answers with this instead, once for each. */
  readonly troubles: Response[] = [];
  /** Products that cannot be taken, whatever is said of them. */
  readonly broken = new Set<string>();
  /** Whether it says no without saying why. */
  isSulking = false;
  /** Whether an upsert merges what it brings into what is there, as some agents document. */
  isMerging = false;
  readonly #answered = new Map<string, { body: string; answer: object }>();

  add(...products: FakeProduct[]): void {
    for (const product of products) this.products.set(product.id, product);
  }

  availability(variantId: string): unknown {
    const variants = [...this.products.values()].flatMap((product) => product.variants);
    return variants.find(({ id }) => id === variantId)?.availability;
  }

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const trouble = this.troubles.shift();
    if (trouble !== undefined) return trouble;
    const headers = new Headers(init.headers);
    if (headers.get("authorization") !== `Bearer ${token}`) {
      return problem(401, "invalid_request", "unauthorized", "The token is unknown");
    }
    if (!/^\d{4}-\d{2}-\d{2}$/.test(headers.get("api-version") ?? "")) {
      return problem(400, "invalid_request", "missing_api_version", "API-Version is required");
    }
    const route = `${init.method} ${address}`;
    switch (route) {
      case `GET ${url}/feeds/${feedId}`:
        return Response.json({ id: feedId, target_country: "US", updated_at: "2026-03-01T00:00:00Z" });
      case `GET ${url}/feeds/${feedId}/products`:
        this.reads += 1;
        return Response.json({ products: [...this.products.values()] });
      case `PATCH ${url}/feeds/${feedId}/products`:
        return this.#upsert(typeof init.body === "string" ? init.body : "", headers);
      default:
        return problem(404, "invalid_request", "feed_not_found", "Feed not found", "id");
    }
  };

  #upsert(text: string, headers: Headers): Response {
    if (headers.get("content-type") !== "application/json") {
      return problem(400, "invalid_request", "invalid_body", "The body must be JSON");
    }
    const key = headers.get("idempotency-key");
    const known = this.#answered.get(key ?? "");
    if (known !== undefined && known.body !== text) {
      return problem(422, "invalid_request", "idempotency_conflict", "The key was used for another request");
    }
    if (known !== undefined) return Response.json(known.answer);
    const body: unknown = JSON.parse(text);
    this.upserts.push({ key, body });
    const upsert = Upsert.safeParse(body);
    if (!upsert.success) {
      const param = upsert.error.issues[0]?.path.join(".") ?? "products";
      return problem(400, "invalid_request", "invalid_product_payload", "The payload is invalid", param);
    }
    const refused = upsert.data.products.find(({ id }) => this.broken.has(id));
    if (refused !== undefined) {
      return problem(400, "invalid_request", "invalid_product_payload", `${refused.id} is under review`);
    }
    if (!this.isSulking) for (const product of upsert.data.products) this.#take(product);
    const answer = { id: feedId, accepted: !this.isSulking };
    if (key !== null) this.#answered.set(key, { body: text, answer });
    return Response.json(answer);
  }

  #take(product: FakeProduct): void {
    const before = this.products.get(product.id);
    if (!this.isMerging || before === undefined) {
      this.products.set(product.id, product);
      return;
    }
    const variants = before.variants.map((variant) => ({
      ...variant,
      ...product.variants.find(({ id }) => id === variant.id),
    }));
    this.products.set(product.id, { ...before, ...product, variants });
  }
}

function problem(status: number, type: string, code: string, message: string, param?: string): Response {
  return Response.json({ type, code, message, ...(param !== undefined && { param }) }, { status });
}
