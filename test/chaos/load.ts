import { setTimeout as sleep } from "node:timers/promises";
import type { OrderAnswer } from "../../src/protocol/answers.ts";
import type { StockView } from "../../src/protocol/stock.ts";
import type { z } from "zod";
import type { Random } from "../simulation/kernel/random.ts";
import type { Recorder } from "./recorder.ts";
import {
  bulkRequest,
  gotOf,
  type Item,
  type OrderWish,
  orderMutations,
  type Request,
  singleAnswer,
  singleRequest,
  type SkuAnswer,
} from "./requests.ts";
import { Wishes } from "./wishes.ts";

export interface LoadOptions {
  readonly url: string;
  readonly key: string;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly skus: readonly string[];
  /** Mutations offered in a second, whether the service is there or not. */
  readonly rate: number;
}

const tickMs = 20;
const attemptTimeoutMs = 15_000;
/** So many requests wait for an answer at most: a buyer more would only wait with them. */
const underWayMax = 48;

/** Buyers and warehouses: they ask at a steady rate, ask again under the same key, give up, and hang up too early. */
export class Load {
  /** Mutations asked for, each once. */
  offered = 0;
  readonly #options: LoadOptions;
  readonly #wishes: Wishes;
  readonly #underWay = new Set<Promise<void>>();
  #isOver = false;
  #giveUpAtMs = Number.POSITIVE_INFINITY;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#wishes = new Wishes(options.random, options.skus);
  }

  /** Counts every SKU once, so that all begin with stock. */
  async open(): Promise<void> {
    const items = this.#options.skus.map((sku, index): Item => {
      const wish = {
        type: "count",
        location: "default",
        onHand: 60,
        reference: `opening ${index}`,
      } as const;
      return { key: `opening-${index}`, sku, wish };
    });
    this.offered += items.length;
    await this.#persist(bulkRequest(items), (answer, at) => this.#tookBulk(items, answer, at), true);
  }

  /** Asks until `end`. */
  async run(): Promise<void> {
    let lastMs = performance.now();
    let due = 0;
    while (!this.#isOver) {
      const nowMs = performance.now();
      // What nobody could ask while it was down is not made up for.
      due = Math.min(due + ((nowMs - lastMs) / 1_000) * this.#options.rate, this.#options.rate / 4);
      lastMs = nowMs;
      while (due > 0 && this.#underWay.size < underWayMax) {
        const before = this.offered;
        this.#ask();
        due -= this.offered - before;
      }
      await sleep(tickMs);
    }
  }

  /** Nothing new is asked for; what is under way may take so long to be answered. */
  async end(patienceMs: number): Promise<void> {
    this.#isOver = true;
    this.#giveUpAtMs = performance.now() + patienceMs;
    await Promise.all(this.#underWay);
  }

  #ask(): void {
    const asking = this.#askSomething().finally(() => this.#underWay.delete(asking));
    this.#underWay.add(asking);
  }

  #askSomething(): Promise<void> {
    const { random } = this.#options;
    const isStubborn = random.chance(0.8);
    switch (
      random.weighted([
        ["single", 50],
        ["bulk", 30],
        ["order", 12],
        ["read", 15],
      ] as const)
    ) {
      case "single": {
        const item = this.#wishes.item();
        const request = singleRequest(item) ?? bulkRequest([item]);
        this.offered += 1;
        return this.#persist(
          request,
          (answer, at) =>
            request.path === "/v1/mutations"
              ? this.#tookBulk([item], answer, at)
              : this.#took(item, answer && singleAnswer(answer.response, answer.body), at),
          isStubborn,
        );
      }
      case "bulk": {
        const items = Array.from({ length: random.int(2, 6) }, () => this.#wishes.item());
        this.offered += items.length;
        return this.#persist(
          bulkRequest(items),
          (answer, at) => this.#tookBulk(items, answer, at),
          isStubborn,
        );
      }
      case "order": {
        const order = this.#wishes.order();
        this.offered += orderMutations(order).size;
        const request = { method: "POST", path: "/v1/orders", headers: {}, body: order };
        return this.#persist(request, (answer, at) => this.#tookOrder(order, answer, at), isStubborn);
      }
      default:
        return this.#read(this.#wishes.sku());
    }
  }

  /** Sends a request until it is answered: `took` is told of each attempt, and says whether that was an answer. */
  async #persist(
    request: Request,
    took: (answer: Answered | undefined, invokedAtMs: number) => boolean,
    isStubborn: boolean,
  ): Promise<void> {
    do {
      const invokedAtMs = this.#options.recorder.now();
      if (took(await this.#send(request), invokedAtMs)) return;
      await sleep(50 + this.#options.random.unit() * 250);
    } while (isStubborn && performance.now() < this.#giveUpAtMs);
  }

  async #send({ method, path, headers, body }: Request): Promise<Answered | undefined> {
    const { url, key, random } = this.#options;
    // Some hang up before they are answered.
    const timeoutMs = random.chance(0.02) ? random.int(1, 8) : attemptTimeoutMs;
    try {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { response, body: await response.json() };
    } catch {
      // No answer, or half of one: for the caller that is the same.
      return undefined;
    }
  }

  #took(item: Item, answer: SkuAnswer | undefined, invokedAtMs: number): boolean {
    const { key, sku, wish, ifMatch } = item;
    const got = answer && gotOf(answer);
    const attempt = { sku, key, asked: wish, ...(ifMatch !== undefined && { ifMatch: [ifMatch] }) };
    this.#options.recorder.attempt(attempt, invokedAtMs, got);
    if (got?.outcome === "done") this.#wishes.learn(sku, got.position, got.event);
    else if (got?.position !== undefined) this.#wishes.learn(sku, got.position, undefined);
    return got !== undefined;
  }

  #tookBulk(items: readonly Item[], answer: Answered | undefined, invokedAtMs: number): boolean {
    const isAnswered = answer !== undefined && answer.response.status === 200;
    const answers = isAnswered ? (answer.body as { items: SkuAnswer[] }).items : [];
    const took = items.map((item, index) => this.#took(item, answers[index], invokedAtMs));
    return took.every(Boolean);
  }

  #tookOrder(order: OrderWish, answer: Answered | undefined, invokedAtMs: number): boolean {
    const isAnswered = answer !== undefined && answer.response.status === 201;
    const lines = isAnswered ? (answer.body as z.infer<typeof OrderAnswer>).lines : [];
    const replayed = answer?.response.headers.get("idempotent-replayed") === "true";
    for (const [sku, asked] of orderMutations(order)) {
      const { epoch, version } = lines.find((line) => line.sku === sku) ?? {};
      const isPlaced = epoch !== undefined && version !== undefined;
      const done = isPlaced && {
        outcome: "done" as const,
        position: { epoch, version },
        ...(replayed && { replayed }),
      };
      this.#options.recorder.attempt({ sku, key: order.orderId, asked }, invokedAtMs, done || undefined);
    }
    return isAnswered;
  }

  async #read(sku: string): Promise<void> {
    const { url, key, recorder } = this.#options;
    const invokedAtMs = recorder.now();
    try {
      const response = await fetch(`${url}/v1/skus/${encodeURIComponent(sku)}`, {
        headers: { authorization: `Bearer ${key}` },
        signal: AbortSignal.timeout(attemptTimeoutMs),
      });
      if (response.status !== 200) return;
      const stock = (await response.json()) as StockView;
      const got = gotOf({ status: 200, stock });
      recorder.attempt({ sku, asked: { type: "read" } }, invokedAtMs, got);
    } catch {
      // Nobody was told anything.
    }
  }
}

interface Answered {
  readonly response: Response;
  readonly body: unknown;
}
