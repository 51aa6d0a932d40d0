import { describe, expect, it } from "vitest";
import { kitProblem, replayedOr } from "../../../src/api/kit-check.ts";
import { ProblemError } from "../../../src/http/problem.ts";
import { stockView } from "../../../src/stock/view.ts";
import { unknownSku } from "../../../src/stock/state.ts";

const plain = (sku: string) => stockView({ ...unknownSku(sku, "e1"), version: 1 }, 0);
const known = new Map([
  ["A", plain("A")],
  ["B", plain("B")],
  ["OLD", plain("OLD")],
  ["KIT", { ...plain("KIT"), components: [{ sku: "A", quantity: 1 }] }],
]);
const catalogue = {
  read: (sku: string) => Promise.resolve(known.get(sku)),
  // OLD was a kit of B once.
  kitsOf: (sku: string) => Promise.resolve(sku === "A" ? ["KIT"] : sku === "B" ? ["OLD", "GONE"] : []),
};

describe("what a kit is made of", () => {
  it("may be SKUs that are known and no kits", async () => {
    expect(await kitProblem("NEW", [{ sku: "A", quantity: 3 }], catalogue)).toBeUndefined();
    expect(await kitProblem("NEW", [], catalogue)).toBeUndefined();
  });

  it("may not be the kit itself, another kit or something unknown; each is pointed at", async () => {
    const components = ["NEW", "A", "KIT", "GHOST"].map((sku) => ({ sku, quantity: 1 }));
    const problem = await kitProblem("NEW", components, catalogue);
    expect(problem?.slug).toBe("kit-invalid");
    expect(problem?.members["errors"]).toMatchObject(
      [0, 2, 3].map((at) => ({ pointer: `/components/${at}/sku` })),
    );
  });
});

describe("a component of a kit", () => {
  it("may not become a kit itself", async () => {
    const problem = await kitProblem("A", [{ sku: "B", quantity: 1 }], catalogue);
    expect(problem?.slug).toBe("kit-invalid");
    expect(problem?.members["errors"]).toMatchObject([{ pointer: "/components" }]);
  });

  it("may, once no kit is made of it", async () => {
    expect(await kitProblem("B", [{ sku: "A", quantity: 1 }], catalogue)).toBeUndefined();
  });

  it("may become a plain SKU, or stay one", async () => {
    expect(await kitProblem("A", [], catalogue)).toBeUndefined();
  });
});

describe("an unsound kit that is sent all the same", () => {
  const problem = new ProblemError("kit-invalid");

  it("gets the answer its key had before", async () => {
    await expect(replayedOr(problem, Promise.resolve("answer"))).resolves.toBe("answer");
    const reused = new ProblemError("idempotency-key-reused");
    await expect(replayedOr(problem, Promise.reject(reused))).rejects.toBe(reused);
  });

  it("is refused if its key is new", async () => {
    await expect(replayedOr(problem, Promise.reject(new ProblemError("version-mismatch")))).rejects.toBe(
      problem,
    );
  });
});
