import { z } from "zod";
import {
  AvailabilityAnswer,
  LedgerItem,
  MutationAnswer,
  OrderAnswer,
  OrderChangeAnswer,
  ReservationView,
} from "../protocol/answers.ts";
import { ChannelView } from "../protocol/channel.ts";
import { limits } from "../protocol/limits.ts";
import type { Reason } from "../protocol/primitives.ts";
import type { StockView } from "../protocol/stock.ts";
import { type Answered, ServiceTransport } from "./service-transport.ts";

const LedgerPage = z.object({ items: z.array(LedgerItem), nextCursor: z.string().optional() });

export interface OrderRequest {
  readonly channel: string;
  readonly orderId: string;
  readonly lines: readonly { readonly lineId: string; readonly sku: string; readonly quantity: number }[];
  /** RFC 3339. */
  readonly occurredAt?: string;
}

export interface AdjustmentRequest {
  readonly delta: number;
  readonly reason: Reason;
  readonly reference?: string;
  readonly note?: string;
}

export interface ReservationRequest {
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly ttlSeconds: number;
  readonly channel?: string;
}

/** The requests of the HTTP contract that the tools need. Refusals are thrown as ServiceProblem. */
export class ServiceClient {
  readonly #transport: ServiceTransport;

  constructor(url: string, key: string) {
    this.#transport = new ServiceTransport(url, key);
  }

  /** HTTP requests sent so far, retries included. */
  get requestsSent(): number {
    return this.#transport.attempts;
  }

  putSku(sku: string, settings: { title?: string; lowStockAt?: number }) {
    return this.#mutate("PUT", skuPath(sku), settings, MutationAnswer);
  }

  /** Counts a SKU at the default location, whatever was there before. */
  putOnHand(sku: string, onHand: number) {
    const path = `${skuPath(sku)}/levels/default`;
    return this.#transport.send({
      method: "PUT",
      path,
      body: { onHand },
      idempotencyKey: newKey(),
      ifMatch: "*",
      answer: MutationAnswer,
    });
  }

  adjust(sku: string, adjustment: AdjustmentRequest) {
    return this.#mutate("POST", `${skuPath(sku)}/adjustments`, adjustment, MutationAnswer);
  }

  placeOrder(order: OrderRequest) {
    return this.#mutate("POST", "/v1/orders", order, OrderAnswer);
  }

  cancelOrder(
    order: { readonly channel: string; readonly orderId: string },
    lines: readonly { readonly lineId: string; readonly quantity: number }[],
  ) {
    const path = `/v1/orders/${encodeURIComponent(order.channel)}/${encodeURIComponent(order.orderId)}/cancel`;
    return this.#mutate("POST", path, { lines }, OrderChangeAnswer);
  }

  reserve(reservation: ReservationRequest) {
    return this.#mutate("POST", "/v1/reservations", reservation, ReservationView);
  }

  commit(reservationId: string, order: { readonly channel?: string; readonly orderId: string }) {
    return this.#mutate("POST", `${reservationPath(reservationId)}/commit`, order, ReservationView);
  }

  release(reservationId: string) {
    return this.#mutate("DELETE", reservationPath(reservationId), undefined, ReservationView);
  }

  /** The newest views of the SKUs that exist, straight from their objects. */
  async availability(skus: readonly string[]): Promise<StockView[]> {
    const views: StockView[] = [];
    for (let start = 0; start < skus.length; start += limits.availabilitySkusMax) {
      const page = skus.slice(start, start + limits.availabilitySkusMax);
      const request = { method: "POST", path: "/v1/availability", body: { skus: page } } as const;
      const { body } = await this.#transport.send({ ...request, answer: AvailabilityAnswer });
      views.push(...body.items);
    }
    return views;
  }

  /** Every event of the ledger, or of one SKU's, newest first. */
  async *ledger(sku?: string): AsyncGenerator<LedgerItem> {
    const path = sku === undefined ? "/v1/ledger" : `${skuPath(sku)}/ledger`;
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({
        limit: String(limits.pageItemsMax),
        ...(cursor !== undefined && { cursor }),
      });
      const page = await this.#transport.send({
        method: "GET",
        path: `${path}?${query}`,
        answer: LedgerPage,
      });
      yield* page.body.items;
      cursor = page.body.nextCursor;
    } while (cursor !== undefined);
  }

  /** Registers a webhook channel that lists every SKU, and answers its signing secret. */
  async registerChannel(id: string, url: string, batch: number): Promise<string> {
    const body = { kind: "webhook", settings: { url, batch }, listings: "all" };
    const path = `/v1/channels/${encodeURIComponent(id)}`;
    const answered = await this.#transport.send({ method: "PUT", path, body, answer: ChannelView });
    const secret = answered.body.signingSecret;
    if (secret === undefined) throw new Error(`channel ${id} existed already: its secret is shown only once`);
    return secret;
  }

  async removeChannel(id: string): Promise<void> {
    const path = `/v1/channels/${encodeURIComponent(id)}`;
    await this.#transport.send({ method: "DELETE", path, answer: z.unknown() });
  }

  #mutate<Answer>(
    method: "PUT" | "POST" | "DELETE",
    path: string,
    body: unknown,
    answer: z.ZodType<Answer>,
  ): Promise<Answered<Answer>> {
    return this.#transport.send({ method, path, body, idempotencyKey: newKey(), answer });
  }
}

function newKey(): string {
  return crypto.randomUUID();
}

function skuPath(sku: string): string {
  return `/v1/skus/${encodeURIComponent(sku)}`;
}

function reservationPath(id: string): string {
  return `/v1/reservations/${encodeURIComponent(id)}`;
}
