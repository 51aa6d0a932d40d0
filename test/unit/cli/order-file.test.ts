import { describe, expect, test } from "vitest";
import { parseOpeningFile, parseOrderFile } from "../../../src/cli/replay/order-file.ts";

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

describe("an order file", () => {
  test("is read row by row, with its line numbers", () => {
    const rows = parseOrderFile(
      `${header}\n700001,10101,LANTERN,12,2024-03-04 08:05:00,3.25,20001.0,Norway\n`,
    );
    expect(rows).toEqual([
      {
        fileLine: 2,
        invoice: "700001",
        code: "10101",
        description: "LANTERN",
        quantity: 12,
        invoicedAtMs: Date.UTC(2024, 2, 4, 8, 5),
        unitPrice: 3.25,
        customer: "20001.0",
      },
    ]);
  });

  test("may quote commas, quotes and line breaks, begin with a byte order mark and end lines with CRLF", () => {
    const text = `\uFEFF${header}\r\n1,10101,"A, ""B""\r\nC",1,2024-03-04 08:05:00,1,,Norway\r\n2,10102,D,1,2024-03-04 08:05:00,1,,Norway\r\n`;
    const rows = parseOrderFile(text);
    expect(rows.map((row) => row.description)).toEqual(['A, "B"\r\nC', "D"]);
  });

  test.each([
    ["a quantity that is no whole number", "1,10101,A,1.5,2024-03-04 08:05:00,1,,Norway"],
    ["a quantity that is no number", "1,10101,A,many,2024-03-04 08:05:00,1,,Norway"],
    ["a date that is none", "1,10101,A,1,yesterday,1,,Norway"],
    ["no invoice number", ",10101,A,1,2024-03-04 08:05:00,1,,Norway"],
  ])("with %s is refused, naming the line", (_, row) => {
    expect(() => parseOrderFile(`${header}\n1,10101,A,1,2024-03-04 08:05:00,1,,Norway\n${row}\n`)).toThrow(
      /line 3/,
    );
  });

  test("without a column it needs is refused", () => {
    expect(() => parseOrderFile("InvoiceNo,StockCode\n1,10101\n")).toThrow(/line 2/);
  });
});

describe("an opening file", () => {
  test("tells the quantity of each SKU", () => {
    expect(parseOpeningFile("sku,quantity\n10101,5\n20230A,0\n")).toEqual(
      new Map([
        ["10101", 5],
        ["20230A", 0],
      ]),
    );
  });

  test("with less than nothing is refused", () => {
    expect(() => parseOpeningFile("sku,quantity\n10101,-1\n")).toThrow(/line 2/);
  });
});
