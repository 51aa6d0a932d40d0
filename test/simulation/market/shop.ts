import type { ChannelLevel, Publication, PublishResult } from "../../../src/channel/kit/adapter.ts";
import type { Books } from "../check/books.ts";
import type { Report } from "../check/violation.ts";
import type { Cloud } from "../cloud/cloud.ts";
import type { SimulatedRequest } from "../code/web.ts";
import type { Random } from "../kernel/random.ts";
import type { ShopPlan } from "../load/steps.ts";
import { changed, polled, reportOf, type ShopOrder } from "./orders.ts";
import { answerWith, moodOf } from "./receiver.ts";
import { SendOrder, type Teller } from "./teller.ts";
import { refuseRaise } from "./unseen.ts";

/** How long a `slow` shop takes to show a number, and when it is asked whether it does. */
export const slowShop = { leastMs: 500, mostMs: 25_000, verifyAfterSeconds: 30 };

/** For so long after an edit nobody can tell what a number means. */
const editedMs = 2 * 3_600_000;

interface Item {
  offered: number;
  changedAtMs: number;
}

type Sale = { readonly id: string; readonly sku: string; readonly units: number };

/**
 * A shop that sells by itself: it takes the numbers it is told, each kind of shop in its way, subtracts what it sells,
 * and tells of its orders when it comes to it.
 */
export class Shop {
  readonly items = new Map<string, Item>();
  readonly orders = new Map<string, ShopOrder>();
  /** SKUs whose last number it took and forgot: after some tries, only the next comparison puts that right. */
  readonly forgotten = new Set<string>();
  readonly plan: ShopPlan;
  readonly #cloud: Cloud;
  readonly #random: Random;
  readonly #books: Books;
  readonly #report: Report;
  readonly #teller: Teller;
  readonly #sendOrder = new SendOrder();
  /**
   * Until when sales of a SKU cannot be seen in its number: somebody typed one in, or it was told one without a word
   * about what it should show, because an answer before that was lost.
   */
  readonly hiddenAtMs = new Map<string, number>();
  readonly #edited = new Set<string>();
  /** When a slow shop shows the last number it took. */
  #shownAtMs = 0;

  constructor(plan: ShopPlan, cloud: Cloud, books: Books, teller: Teller, report: Report) {
    this.plan = plan;
    this.#cloud = cloud;
    this.#random = cloud.chance.stream(`shop ${plan.id}`);
    this.#books = books;
    this.#report = report;
    this.#teller = teller;
    cloud.internet.serve(`${plan.id}.example`, (request) => this.#serve(request));
  }

  /** Somebody buys here, if the shop has so many to offer. */
  sell({ id, sku, units }: Sale): void {
    const item = this.items.get(sku);
    if (item === undefined || item.offered < units) return;
    const nowMs = Math.floor(this.#cloud.timeline.nowMs);
    this.#set(sku, item.offered - units);
    const order = {
      id,
      sku,
      placedAtMs: nowMs,
      updatedAtMs: nowMs,
      ordered: units,
      cancelled: 0,
      fulfilled: 0,
      restocked: 0,
    };
    this.orders.set(id, order);
    this.#note(`sells ${units} of ${sku} as ${id}, and offers ${item.offered}`);
    this.#tell(order);
  }

  change(id: string, change: "cancel" | "fulfil" | "restock"): void {
    const order = this.orders.get(id);
    if (order === undefined) return;
    const back = changed(order, change, this.#cloud.timeline.nowMs);
    const { offered = 0 } = this.items.get(order.sku) ?? {};
    this.#set(order.sku, offered + back);
    this.#note(`does ${change} of ${id}, and offers ${offered + back} of ${order.sku}`);
    this.#tell(order);
  }

  /** Whether a number has ever changed here by itself. */
  hasChanged(sku: string): boolean {
    return this.#edited.has(sku) || [...this.orders.values()].some((order) => order.sku === sku);
  }

  /** Somebody types another number in. */
  edit(sku: string, quantity: number): void {
    if (!this.items.has(sku)) return;
    this.#note(`has ${quantity} of ${sku} typed in`);
    this.#edited.add(sku);
    this.hiddenAtMs.set(sku, this.#cloud.timeline.nowMs + editedMs);
    this.#set(sku, quantity);
  }

  #serve(request: SimulatedRequest) {
    const mood = moodOf(this.#cloud, this.plan.id, this.#random);
    const { pathname } = new URL(request.url);
    const body: unknown = JSON.parse(new TextDecoder().decode(request.body?.bytes));
    if (pathname === "/levels") {
      const publications = body as readonly Publication[];
      for (const publication of publications) this.#sendOrder.check(this.plan.id, publication, this.#report);
      return answerWith(mood, mood.takes ? publications.map((publication) => this.#take(publication)) : []);
    }
    return answerWith(mood, mood.takes ? this.#read(pathname, body) : {});
  }

  #read(pathname: string, body: unknown): unknown {
    const {
      orderIds = [],
      fromMs = 0,
      skip = 0,
      take = 0,
    } = body as {
      orderIds?: string[];
      fromMs?: number;
      skip?: number;
      take?: number;
    };
    const byChange = [...this.orders.values()].toSorted((a, b) => a.updatedAtMs - b.updatedAtMs);
    switch (pathname) {
      case "/page":
        return { items: [...this.items.keys()].map((sku) => this.#level(sku)) };
      case "/listings":
        return (body as { sku: string }[]).flatMap(({ sku }) =>
          this.items.has(sku) ? [this.#level(sku)] : [],
        );
      case "/orders":
        return orderIds.flatMap((id) => this.orders.get(id) ?? []).map(reportOf);
      case "/latest":
        return byChange.toReversed().slice(0, 100).map(polled);
      case "/changed":
        return byChange
          .filter(({ updatedAtMs }) => updatedAtMs >= fromMs)
          .slice(skip, skip + take)
          .map(polled);
      default:
        throw new Error(`a shop is asked for ${pathname}`);
    }
  }

  /** What the shop makes of a number it is told. */
  #take(publication: Publication): PublishResult {
    const { sku, quantity, expected } = publication;
    const offered = this.items.get(sku)?.offered;
    if (this.plan.style === "exact" && expected !== undefined) {
      if (Math.max(0, expected) !== (offered ?? 0)) {
        this.#note(`offers ${offered} of ${sku} and not ${expected}, so it does not take ${quantity}`);
        return { outcome: "moved", actual: offered ?? 0 };
      }
      const why = refuseRaise(publication, offered ?? 0, this);
      if (why !== undefined) this.#report("a number is not raised over an unseen sale", why);
    }
    if (expected === undefined) {
      const hiddenAtMs = this.hiddenAtMs.get(sku) ?? 0;
      this.hiddenAtMs.set(sku, Math.max(hiddenAtMs, this.#cloud.timeline.nowMs));
    }
    this.#note(`is told ${quantity} of ${sku} at ${publication.epoch}.${publication.version}`);
    if (this.plan.style !== "slow") {
      this.#set(sku, quantity);
      return { outcome: "ok" };
    }
    if (this.#cloud.faults.strikes("channel-forgets", this.plan.id)) {
      this.forgotten.add(sku);
    } else {
      this.forgotten.delete(sku);
      const wantedMs = this.#cloud.timeline.nowMs + this.#random.between(slowShop.leastMs, slowShop.mostMs);
      this.#shownAtMs = Math.max(this.#shownAtMs, wantedMs);
      this.#cloud.timeline.at(this.#shownAtMs, undefined, () => this.#set(sku, quantity));
    }
    return { outcome: "ok" };
  }

  get nowMs(): number {
    return this.#cloud.timeline.nowMs;
  }

  get books(): Books {
    return this.#books;
  }

  #level(sku: string): ChannelLevel {
    const { offered, changedAtMs } = this.items.get(sku) ?? { offered: 0, changedAtMs: 0 };
    return { external: sku, sku, quantity: offered, updatedAt: new Date(changedAtMs).toISOString() };
  }

  #set(sku: string, offered: number): void {
    const changedAtMs = Math.floor(this.#cloud.timeline.nowMs);
    const item = this.items.get(sku);
    if (item === undefined) this.items.set(sku, { offered, changedAtMs });
    else Object.assign(item, { offered, changedAtMs });
  }

  #tell(order: ShopOrder): void {
    if (this.plan.reports === "poll") return;
    const { id } = order;
    this.#teller.tell(this.plan.reports === "hint" ? { type: "order-hint", orderId: id } : reportOf(order));
  }

  #note(text: string): void {
    this.#cloud.trace.add(this.#cloud.timeline.nowMs, "story", `${this.plan.id} ${text}`);
  }
}
