import type { StockView } from "../protocol/stock.ts";

/** What is kept at most, the oldest going first: some 20 MB. */
const viewsMax = 10_000;

/** SkuObjects by name, as far as they are read. */
interface SkuObjects {
  getByName(sku: string): { read(): PromiseLike<StockView | undefined> };
}

interface Kept {
  readonly view: StockView;
  /** When something expires that changes it. */
  readonly untilMs: number;
}

/**
 * What SKUs look like that are stored as they were read last, by name. Only for a service that is one process: there every
 * change of a SKU passes through this memory, so whoever asks needs no call to the object to be told the newest.
 */
export class LatestViews {
  readonly #views = new Map<string, Kept>();
  readonly #max: number;

  constructor(max = viewsMax) {
    this.#max = max;
  }

  /** Keeps what a SKU is, as long as nothing changes it. It must be on the disk, or a crash would undo what others saw. */
  keep(view: StockView, untilMs: number): void {
    this.#views.delete(view.sku);
    const [oldest] = this.#views.keys();
    if (this.#views.size >= this.#max && oldest !== undefined) this.#views.delete(oldest);
    this.#views.set(view.sku, { view, untilMs });
  }

  /** To be called before anything changes a SKU. */
  forget(sku: string): void {
    this.#views.delete(sku);
  }

  /** What a SKU is now; undefined if only its object can say. */
  at(sku: string, nowMs: number): StockView | undefined {
    const kept = this.#views.get(sku);
    if (kept === undefined || nowMs >= kept.untilMs) return undefined;
    return { ...kept.view, asOf: new Date(nowMs).toISOString() };
  }
}

/** Of this isolate, which is the one that the objects live in too. */
export const latestViews = new LatestViews();

/** The stock of a SKU as it is now: from memory if nothing changed since it was read last, else from its object. */
export async function newestStock(skus: SkuObjects, sku: string): Promise<StockView | undefined> {
  return latestViews.at(sku, Date.now()) ?? skus.getByName(sku).read();
}

/** Whether one process is the whole service, with one memory: so the embedded one says. On Cloudflare nobody may. */
export function isOneProcess(env: object): boolean {
  return "ONE_PROCESS" in env && env.ONE_PROCESS === "true";
}
