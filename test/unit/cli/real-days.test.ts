import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseOrderFile } from "../../../src/cli/replay/order-file.ts";
import { planDay } from "../../../src/cli/replay/plan.ts";

const folder = new URL("../../../../shared/data/orders/", import.meta.url);
const hasData = existsSync(folder);

describe("three days of UCI Online Retail (Chen 2015, CC BY 4.0)", () => {
  test.for([
    {
      file: "online-retail-2011-11-28.csv",
      invoices: 126,
      rows: { sale: 3_296, return: 22, "write-off": 0, found: 0, "not stock": 12, unclear: 0 },
      units: 29_443,
      skus: 1_442,
      cancelled: 9,
      notStock: { POST: 8, "BANK CHARGES": 1, DOT: 2, CRUK: 1 },
    },
    {
      file: "online-retail-2011-11-29.csv",
      invoices: 151,
      rows: { sale: 4_279, return: 15, "write-off": 2, found: 3, "not stock": 14, unclear: 0 },
      units: 30_877,
      skus: 1_557,
      cancelled: 4,
      notStock: { C2: 1, POST: 9, DOT: 4 },
    },
    {
      file: "online-retail-2011-11-30.csv",
      invoices: 164,
      rows: { sale: 3_342, return: 74, "write-off": 14, found: 6, "not stock": 18, unclear: 0 },
      units: 28_356,
      skus: 1_398,
      cancelled: 0,
      notStock: { POST: 10, C2: 2, DOT: 4, M: 1, D: 1 },
    },
  ])("$file is read in full", (expected, { skip }) => {
    skip(!hasData, "needs the real order files in ../shared/data/orders");
    const day = planDay(parseOrderFile(readFileSync(new URL(expected.file, folder), "utf8")));
    const lines = day.invoices.flatMap(({ orders }) => orders.flat());
    expect({
      file: expected.file,
      invoices: day.invoicesInFile,
      rows: day.rows,
      units: lines.reduce((total, line) => total + line.quantity, 0),
      skus: day.titles.size,
      cancelled: day.invoices.flatMap((one) => one.cancellations.flatMap((part) => part.lines)).length,
      notStock: Object.fromEntries([...day.notStock].map(([code, totals]) => [code, totals.rows])),
    }).toEqual(expected);
  });
});
