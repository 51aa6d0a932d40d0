import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/cli/exit-codes.ts";
import { identityOf, mutationsOf, planImport } from "../../../src/cli/import/plan.ts";

const column = { skuFrom: "column" } as const;
const handles = { skuFrom: "handle-option" } as const;

function csv(...lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

const what = (remarks: ReadonlyMap<string, readonly number[]>) => Object.fromEntries(remarks);

describe("Stockwire's own CSV", () => {
  test("each row is a SKU at a location; what is empty is not said", () => {
    const plan = planImport(
      csv("sku,title,location,on_hand,low_stock_at,colour", 'A,"Tee, black",shop,5,2,red', "B,,,0,,"),
      column,
    );
    expect(plan.format.name).toBe("stockwire");
    expect(plan.unused).toEqual(["colour"]);
    expect(plan.rows).toEqual([
      { row: 2, sku: "A", title: "Tee, black", location: "shop", onHand: 5, lowStockAt: 2 },
      { row: 3, sku: "B", location: "default", onHand: 0 },
    ]);
  });

  test("what cannot be is said with its line, and the other rows stand", () => {
    const plan = planImport(
      csv("sku,location,on_hand", "A,,-1", "B,,1.5", ",,3", "C,,1", "C,default,2", "D,,7"),
      column,
    );
    expect(plan.rows).toMatchObject([{ sku: "D", onHand: 7 }]);
    expect(what(plan.wrong)).toEqual({
      'on hand must be a whole number from 0 on, not "-1"': [2],
      'on hand must be a whole number from 0 on, not "1.5"': [3],
      "no SKU": [4],
      "C at default stands in several rows: which one is right?": [5, 6],
    });
  });

  test("the first row of a SKU names it, each counts its location", () => {
    const { rows } = planImport(csv("sku,title,location,on_hand", "A,Tee,x,1", "A,Other,y,2"), column);
    const items = mutationsOf(rows, "file");
    expect(items).toMatchObject([
      { type: "create", sku: "A", title: "Tee" },
      { type: "count", sku: "A", location: "x", onHand: 1, ifMatch: "*" },
      { type: "count", sku: "A", location: "y", onHand: 2, ifMatch: "*" },
    ]);
  });
});

const productColumns =
  "Handle,Title,Option1 Name,Option1 Value,Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Image Src";

describe("a Shopify product export", () => {
  const file = csv(
    productColumns,
    "tee,Tee,Size,Small,Red,TEE-S,shopify,3,a.jpg",
    "tee,,,Large,Red,,shopify,4,",
    "tee,,,,,,,,b.jpg",
    "mug,Mug,Title,Default Title,,,,1,",
  );

  test("without SKUs says so, and how they can be made", () => {
    const plan = planImport(file, column);
    expect(plan.format.name).toBe("shopify-products");
    expect(plan.rows).toMatchObject([{ sku: "TEE-S", title: "Tee, Small / Red", onHand: 3 }]);
    expect([...plan.wrong]).toEqual([[expect.stringContaining("--sku-from handle-option"), [3, 5]]]);
    expect(what(plan.ignored)).toEqual({ "further pictures of a product": [4] });
  });

  test("with --sku-from handle-option makes them of handle and options, where there is none", () => {
    const plan = planImport(file, handles);
    expect(plan.rows.map(({ sku }) => sku)).toEqual(["TEE-S", "tee:Large:Red", "mug"]);
    expect(plan.rows.at(-1)?.title).toBe("Mug");
    expect([...plan.notes.values()]).toEqual([[5]]);
    expect(plan.wrong.size).toBe(0);
  });
});

test("a Shopify inventory export counts each location; what is not stocked is left out", () => {
  const plan = planImport(
    csv(
      "Handle,Title,Option1 Value,SKU,Location,Available (not editable),On hand (current),On hand (new)",
      "tee,Tee,Small,TEE-S,Berlin,2,5,",
      "tee,Tee,Small,TEE-S,Paris,2,5,8",
      "tee,Tee,Small,TEE-S,Rome,not stocked,not stocked,",
    ),
    column,
  );
  expect(plan.format.name).toBe("shopify-inventory");
  expect(plan.rows).toMatchObject([
    { sku: "TEE-S", title: "Tee, Small", location: "Berlin", onHand: 5 },
    { location: "Paris", onHand: 8 },
  ]);
  expect([...plan.ignored.values()]).toEqual([[4]]);
  const available = planImport(csv("Handle,Title,SKU,Location,Available", "tee,Tee,TEE,Berlin,3"), column);
  expect([...available.wrong.keys()][0]).toContain("no column On hand");
});

test("a WooCommerce product export takes what it manages the stock of", () => {
  const plan = planImport(
    csv(
      "ID,Type,SKU,Name,Stock,Low stock amount,Parent",
      '1,"simple, virtual",MUG,Mug,7,2,',
      "2,variable,TEE,Tee,,,",
      "3,variation,TEE-S,Tee - Small,4,,TEE",
      "4,variation,TEE-L,Tee - Large,parent,,TEE",
      "5,grouped,SET,Set,,,",
      "6,simple,,Nameless,3,,",
    ),
    column,
  );
  expect(plan.format.name).toBe("woocommerce");
  expect(plan.rows).toMatchObject([
    { sku: "MUG", onHand: 7, lowStockAt: 2 },
    { sku: "TEE-S", title: "Tee - Small", onHand: 4 },
  ]);
  expect([...plan.ignored.values()]).toEqual([[3], [6]]);
  expect([...plan.wrong.values()]).toEqual([[5], [7]]);
});

test("a file that nobody knows is refused with what would be known", () => {
  expect(() => planImport(csv("a,b", "1,2"), column)).toThrow(UsageError);
  expect(() => planImport('sku\n"open', column)).toThrow(/not a CSV file/);
  expect(() => planImport(csv("sku", "A"), { ...column, format: "woocommerce" })).toThrow(
    /Type, SKU, Name, Stock/,
  );
});

test("keys are the same for the same file, and others for another file, row or number", () => {
  const keys = (text: string, again?: string) =>
    mutationsOf(planImport(text, column).rows, identityOf(text, again)).map(({ key }) => key);
  const file = csv("sku,on_hand", "A,1", "B,1");
  expect(keys(file)).toEqual(keys(file));
  const all = [...keys(file), ...keys(csv("sku,on_hand", "A,2", "B,1")), ...keys(file, "again")];
  expect(new Set(all).size).toBe(12);
  for (const key of all) expect(key).toMatch(/^import-[\w-]{43}$/);
});
