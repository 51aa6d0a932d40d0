import { z } from "zod";
import { Service } from "../../test/system/service.ts";
import { sleep } from "./programs.ts";
import type { Shop } from "./shop.ts";

export const shopChannel = "shop";

/** Runs the service with one channel that is the shop, and one that only tells us orders. */
export class Stockwire {
  readonly #service: Service;

  private constructor(service: Service) {
    this.#service = service;
  }

  static async start(): Promise<Stockwire> {
    return new Stockwire(await Service.start());
  }

  async stop(): Promise<void> {
    const code = await this.#service.stop();
    await this.#service.remove();
    if (code !== 0) throw new Error(`the service ended with ${code}`);
  }

  async count(sku: string, onHand: number): Promise<void> {
    expectStatus(await this.#service.count(sku, onHand), 200, 201);
  }

  async connect({ kind, settings, credentials, externals }: Shop): Promise<void> {
    const config = { kind, settings, credentials, listings: "listed" };
    expectStatus(await this.#service.call("PUT", `/v1/channels/${shopChannel}`, config), 201);
    for (const [sku, external] of externals) {
      const path = `/v1/channels/${shopChannel}/listings/${encodeURIComponent(sku)}`;
      expectStatus(await this.#service.call("PUT", path, { external }), 200, 201);
    }
  }

  /** Waits until the shop was asked for orders: from then on, none is missed. */
  async asked(): Promise<void> {
    for (;;) {
      const answer = await this.#service.call("GET", `/v1/channels/${shopChannel}`);
      expectStatus(answer, 200);
      if (Asked.parse(answer.body).inbound.lastAskedAt !== undefined) return;
      await sleep(50);
    }
  }

  /** What the channel's own test finds to be missing. */
  async missing(): Promise<string[]> {
    const answer = await this.#service.call("POST", `/v1/channels/${shopChannel}/test`);
    expectStatus(answer, 200);
    const { findings } = Tested.parse(answer.body);
    return findings.filter(({ isOk }) => !isOk).map(({ check, advice = "" }) => `${check}: ${advice}`);
  }

  async available(sku: string): Promise<number> {
    const answer = await this.#service.call("GET", `/v1/skus/${encodeURIComponent(sku)}`);
    return Available.parse(answer.body).available;
  }

  /** Holds units and buys them. False if there are not enough. */
  async buy(sku: string, quantity: number): Promise<boolean> {
    const lines = [{ sku, quantity }];
    const held = await this.#service.call("POST", "/v1/reservations", { lines, ttlSeconds: 600 }, newKey());
    if (held.status === 409) return false;
    expectStatus(held, 201);
    const { id } = Held.parse(held.body);
    const path = `/v1/reservations/${encodeURIComponent(id)}/commit`;
    const order = { channel: "counter", orderId: crypto.randomUUID() };
    expectStatus(await this.#service.call("POST", path, order, newKey()), 200);
    return true;
  }

  /** Tells an order of another channel: a fact, which is recorded whether there is enough or not. */
  async tellOrder(sku: string, quantity: number): Promise<void> {
    const order = {
      channel: "market",
      orderId: crypto.randomUUID(),
      lines: [{ lineId: "1", sku, quantity }],
    };
    expectStatus(await this.#service.call("POST", "/v1/orders", order, newKey()), 200, 201);
  }

  /** Adds up the ledger in D1 and compares it with the live stock. */
  async audit(sku: string): Promise<z.infer<typeof Audit>> {
    const answer = await this.#service.call("GET", `/v1/skus/${encodeURIComponent(sku)}/audit`);
    expectStatus(answer, 200);
    return Audit.parse(answer.body);
  }

  /** Units that were available after that entry of the ledger. */
  async availableAfter(sku: string, version: number): Promise<number> {
    const path = `/v1/skus/${encodeURIComponent(sku)}/history?version=${version}`;
    const answer = await this.#service.call("GET", path);
    expectStatus(answer, 200);
    return Available.parse(answer.body).available;
  }

  /** Every entry of a SKU's ledger, oldest first. */
  async ledger(sku: string): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: "500", ...(cursor !== undefined && { cursor }) });
      const answer = await this.#service.call("GET", `/v1/skus/${encodeURIComponent(sku)}/ledger?${query}`);
      expectStatus(answer, 200);
      const page = LedgerPage.parse(answer.body);
      entries.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return entries.toReversed();
  }

  async oversells(): Promise<Oversell[]> {
    const answer = await this.#service.call("GET", "/v1/oversells?limit=500");
    expectStatus(answer, 200);
    return Oversells.parse(answer.body).items;
  }

  /** Reads the whole shop and compares: how many listings there are of each class. */
  async reconcile(): Promise<Readonly<Record<string, number>>> {
    const path = `/v1/channels/${shopChannel}/reconcile`;
    const begun = await this.#service.call("POST", path);
    expectStatus(begun, 200, 202);
    for (;;) {
      const answer = await this.#service.call("GET", `${path}/${Run.parse(begun.body).id}`);
      expectStatus(answer, 200);
      const { state, counts } = Run.parse(answer.body);
      if (state === "done") return counts;
      if (state === "failed") throw new Error(`the comparison failed: ${JSON.stringify(answer.body)}`);
      await sleep(50);
    }
  }

  /** What the shop told and is not applied yet. */
  async unfinished(): Promise<unknown> {
    return (await this.#service.call("GET", `/v1/channels/${shopChannel}/inbox`)).body;
  }

  async status(): Promise<unknown> {
    return (await this.#service.call("GET", `/v1/channels/${shopChannel}`)).body;
  }

  async listings(): Promise<unknown> {
    return (await this.#service.call("GET", `/v1/channels/${shopChannel}/listings`)).body;
  }
}

const Available = z.looseObject({ available: z.int() });
const Audit = z.looseObject({ matches: z.boolean(), isDense: z.boolean(), behind: z.int() });
const Asked = z.looseObject({ inbound: z.looseObject({ lastAskedAt: z.string().optional() }) });
const Finding = z.looseObject({ isOk: z.boolean(), check: z.string(), advice: z.string().optional() });
const Tested = z.looseObject({ findings: z.array(Finding) });
const Run = z.looseObject({ id: z.string(), state: z.string(), counts: z.record(z.string(), z.int()) });
const Held = z.looseObject({ id: z.string() });
const LedgerEntry = z.looseObject({ version: z.int(), type: z.string(), data: z.looseObject({}) });
export type LedgerEntry = z.infer<typeof LedgerEntry>;
const LedgerPage = z.looseObject({ items: z.array(LedgerEntry), nextCursor: z.string().optional() });
const Oversell = z.looseObject({
  sku: z.string(),
  units: z.int(),
  cause: z.string(),
  channel: z.string().optional(),
});
export type Oversell = z.infer<typeof Oversell>;
const Oversells = z.looseObject({ items: z.array(Oversell) });

function newKey(): { "idempotency-key": string } {
  return { "idempotency-key": crypto.randomUUID() };
}

function expectStatus(
  answer: { readonly status: number; readonly body: unknown },
  ...expected: readonly number[]
): void {
  if (expected.includes(answer.status)) return;
  throw new Error(`expected ${expected.join(" or ")}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
}
