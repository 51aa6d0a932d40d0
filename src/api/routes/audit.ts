import { createRoute, z } from "@hono/zod-openapi";
import { ledgerOf } from "../../ledger/bindings.ts";
import { auditSku } from "../../ledger/audit.ts";
import { type Moment, type PastStock, stockAt } from "../../ledger/history.ts";
import { AuditAnswer } from "../../protocol/audit.ts";
import { Sku, Timestamp } from "../../protocol/primitives.ts";
import { StockView } from "../../protocol/stock.ts";
import { unreachable } from "../../stock/refusal.ts";
import { jsonAnswer, newRouter, problems } from "../../http/openapi.ts";
import { ProblemError } from "../../http/problem.ts";

export const audit = newRouter();

const common = { tags: ["Ledger"] };
const skuPath = z.object({ sku: Sku });

audit.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/skus/{sku}/audit",
    summary: "Add up the ledger of a SKU and compare it with the live stock",
    description:
      "Reads every entry of the SKU's newest life, so it costs as much as the history is long. Waits up to 2 s for " +
      "the ledger to have what the live object has.",
    request: { params: skuPath },
    responses: { 200: jsonAnswer("How they compare", AuditAnswer), ...problems(404) },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    const answer = await auditSku(sku, {
      ledger: ledgerOf(c.env),
      readLive: () => c.env.SKU.getByName(sku).read(),
      now: () => Date.now(),
      sleep: (ms) => scheduler.wait(ms),
    });
    if (answer === undefined)
      throw new ProblemError("sku-not-found", { detail: `SKU ${sku} is unknown`, sku });
    return c.json(answer, 200);
  },
);

const momentQuery = z
  .object({
    at: Timestamp.optional().meta({ description: "As it was recorded by then" }),
    version: z.coerce
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: "After this entry of the ledger" }),
    epoch: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Life the version belongs to; the newest if absent" }),
  })
  .refine(({ at, version }) => (at === undefined) !== (version === undefined), {
    path: ["at"],
    error: "name either a time (at) or a version",
  })
  .refine(({ at, epoch }) => at === undefined || epoch === undefined, {
    path: ["epoch"],
    error: "an epoch goes with a version, not with a time",
  });

audit.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/skus/{sku}/history",
    summary: "The stock of a SKU at a past time or version",
    description:
      "What the ledger had recorded by then: a fact that was told late counts from when it was told. `asOf` is the " +
      "time of the newest entry in it; it held from then on. The ledger follows the live stock within about a second.",
    request: { params: skuPath, query: momentQuery },
    responses: { 200: jsonAnswer("The stock, as it was", StockView), ...problems(404, 503) },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    const past = await stockAt(ledgerOf(c.env), sku, toMoment(c.req.valid("query")));
    return c.json(found(sku, past), 200);
  },
);

function toMoment({ at, version, epoch }: z.infer<typeof momentQuery>): Moment {
  return version === undefined ? { atMs: Date.parse(at ?? "") } : { version, epoch };
}

function found(sku: string, past: PastStock): StockView {
  switch (past.outcome) {
    case "found":
      return past.stock;
    case "unknown":
      throw new ProblemError("sku-not-found", {
        detail: `the ledger has nothing of SKU ${sku} in that life`,
        sku,
      });
    case "not-yet": {
      const since = new Date(past.firstAtMs).toISOString();
      throw new ProblemError("sku-not-found", {
        detail: `SKU ${sku} was unknown then; it begins at ${since}`,
        sku,
      });
    }
    case "no-such-version": {
      const { newest } = past;
      const detail = `the ledger has versions 1 to ${newest}; one answered just now may take a second to get there`;
      throw new ProblemError("version-not-found", { detail, sku, newest });
    }
    case "incomplete": {
      const detail =
        "an entry before that is on its way or was given up; see GET /v1/dead-letters if it stays so";
      throw new ProblemError("ledger-incomplete", { detail, sku }, { "retry-after": "5" });
    }
    default:
      return unreachable(past);
  }
}
