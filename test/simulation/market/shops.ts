import type { PublicationRule } from "../../../src/protocol/rule.ts";
import type { Books } from "../check/books.ts";
import type { Report } from "../check/violation.ts";
import type { Cloud } from "../cloud/cloud.ts";
import type { ShopAction, ShopPlan } from "../load/steps.ts";
import { Receiver } from "./receiver.ts";
import { Shop, slowShop } from "./shop.ts";
import { Teller } from "./teller.ts";

/** All shops of a run: those that are only told, and those that sell by themselves. */
export class Shops {
  readonly plans: readonly ShopPlan[];
  readonly selling: readonly Shop[];
  readonly #receivers: ReadonlyMap<string, Receiver>;
  readonly #rules = new Map<string, PublicationRule | undefined>();
  readonly #hasRefused: (id: string) => boolean;

  constructor(plans: readonly ShopPlan[], cloud: Cloud, books: Books, report: Report) {
    this.#hasRefused = (id) => cloud.faults.has("channel-rejects", id);
    this.plans = plans;
    const told = plans.filter(({ style }) => style === "webhook");
    this.#receivers = new Map(told.map(({ id }) => [id, new Receiver(id, cloud, report)]));
    this.selling = plans
      .filter(({ style }) => style !== "webhook")
      .map((plan) => new Shop(plan, cloud, books, new Teller(plan.id, cloud), report));
    for (const { id, rule } of plans) this.#rules.set(id, rule);
  }

  /** The body that connects a shop. */
  configOf(plan: ShopPlan) {
    const { id, style, batchMax, reports } = plan;
    const rule = this.#rules.get(id);
    const common = { listings: "all", ...(rule !== undefined && { rule }) };
    const url = `http://${id}.example`;
    if (style === "webhook") {
      return { kind: "webhook", settings: { url, ...(batchMax > 1 && { batch: batchMax }) }, ...common };
    }
    const settings = {
      url,
      batchMax,
      ...(style === "slow" && { verifyAfterSeconds: slowShop.verifyAfterSeconds }),
      ...(reports === "poll" && { pollSeconds: 300 }),
    };
    return { kind: "market", settings, credentials: { token: "t" }, ...common };
  }

  ruleOf(id: string): PublicationRule | undefined {
    return this.#rules.get(id);
  }

  changeRule(id: string, rule: PublicationRule): void {
    this.#rules.set(id, rule);
  }

  /** Units a shop shows; undefined if it was never told. */
  shown(id: string, sku: string): number | undefined {
    const receiver = this.#receivers.get(id);
    if (receiver !== undefined) return receiver.shows.get(sku)?.quantity;
    return this.#of(id)?.items.get(sku)?.offered;
  }

  /** Whether a number at a shop depends on nothing but what it is told: it has refused none, and sold none by itself. */
  isSteady(id: string, sku: string): boolean {
    if (this.#hasRefused(id)) return false;
    const shop = this.#of(id);
    if (shop === undefined) return true;
    return !shop.hasChanged(sku);
  }

  /** Whether a shop took the last number of a SKU and forgot it. */
  hasForgotten(id: string, sku: string): boolean {
    return this.#of(id)?.forgotten.has(sku) ?? false;
  }

  /** Something happens at a shop. */
  act(step: number, action: ShopAction): void {
    switch (action.type) {
      case "sale":
        return this.#of(action.channel)?.sell({ id: saleOf(step), sku: action.sku, units: action.units });
      case "sale-change": {
        const id = saleOf(action.of);
        return this.selling.find(({ orders }) => orders.has(id))?.change(id, action.change);
      }
      case "edit":
        return this.#of(action.channel)?.edit(action.sku, action.quantity);
      default:
        throw new Error(`no shop does ${JSON.stringify(action satisfies never)}`);
    }
  }

  #of(id: string): Shop | undefined {
    return this.selling.find(({ plan }) => plan.id === id);
  }
}

function saleOf(step: number): string {
  return `m${step}`;
}
