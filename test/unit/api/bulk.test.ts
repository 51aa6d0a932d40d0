import { describe, expect, it } from "vitest";
import { applyBulk, type BulkEffects, type BulkMutation } from "../../../src/api/bulk.ts";
import type { MutationResult } from "../../../src/sku/contract.ts";
import { unknownSku } from "../../../src/stock/state.ts";
import { stockView } from "../../../src/stock/view.ts";

const viewOf = (sku: string) => stockView({ ...unknownSku(sku, "e1"), version: 1 }, 0);

function release(key: string, sku: string): BulkMutation {
  const item = { type: "release", key, sku, reservationId: "rsv_1" } as const;
  return { item, request: { key, fingerprint: key, mutation: { type: "release", reservationId: "rsv_1" } } };
}

function create(key: string, sku: string, parts: string[]): BulkMutation {
  const components = parts.map((part) => ({ sku: part, quantity: 1 }));
  const item = { type: "create", key, sku, components } as const;
  return { item, request: { key, fingerprint: key, mutation: { type: "create", components } } };
}

/** SKUs that do as they are told, and a record of the calls. */
class Skus implements BulkEffects {
  readonly calls: [string, (string | undefined)[]][] = [];
  readonly failures: string[] = [];
  readonly broken = new Set<string>();
  readonly known = new Set<string>();

  async mutate(sku: string, requests: Parameters<BulkEffects["mutate"]>[1]): Promise<MutationResult[]> {
    this.calls.push([sku, requests.map(({ key }) => key)]);
    // Later calls end earlier: the order of answers must not depend on it.
    await new Promise((resolve) => setTimeout(resolve, 10 - this.calls.length));
    if (this.broken.has(sku)) throw new Error("unreachable");
    this.known.add(sku);
    return requests.map(({ ifMatch }) => {
      const refusal = { code: "version-mismatch" } as const;
      if (ifMatch?.length === 0) return { outcome: "refused", replayed: false, refusal };
      return { outcome: "done", replayed: false, position: { epoch: "e1", version: 1 }, stock: viewOf(sku) };
    });
  }
  kitsOf(): Promise<string[]> {
    return Promise.resolve([]);
  }

  read = async (sku: string) => (this.known.has(sku) ? viewOf(sku) : undefined);
  adopt = () => Promise.resolve();
  failed(sku: string): void {
    this.failures.push(sku);
  }
}

describe("a bulk request", () => {
  it("makes one call per SKU, and answers in the order it was asked", async () => {
    const skus = new Skus();
    const mutations = [release("1", "A"), release("2", "B"), release("3", "A"), release("4", "C")];
    const answers = await applyBulk(mutations, skus);
    expect(answers.map(({ key, sku, status }) => [key, sku, status])).toEqual([
      ["1", "A", 200],
      ["2", "B", 200],
      ["3", "A", 200],
      ["4", "C", 200],
    ]);
    expect(skus.calls).toEqual([
      ["A", ["1", "3"]],
      ["B", ["2"]],
      ["C", ["4"]],
    ]);
  });

  it("says 503 of a SKU that fails, and lets the others stand", async () => {
    const skus = new Skus();
    skus.broken.add("B");
    const answers = await applyBulk(
      [release("1", "A"), release("2", "B"), release("3", "C"), release("4", "B")],
      skus,
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 200, 503]);
    expect(answers[1]?.problem).toMatchObject({ type: expect.stringMatching(/\/problems\/unavailable$/) });
    expect(skus.failures).toEqual(["B"]);
  });

  it("makes kits after what they are made of, and sends an unsound one where it can only be replayed", async () => {
    const skus = new Skus();
    const answers = await applyBulk(
      [create("1", "KIT", ["A"]), release("2", "A"), create("3", "BAD", ["GHOST"])],
      skus,
    );
    expect(skus.calls[0]?.[0]).toBe("A");
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 422]);
    expect(answers[2]?.problem).toMatchObject({ type: expect.stringMatching(/\/problems\/kit-invalid$/) });
  });
});
