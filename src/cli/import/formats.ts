import type { FileRecord, Reading, Said } from "./row.ts";

/** How SKUs are made where the file has none. */
export type SkuFrom = "column" | "handle-option";

export interface FormatOptions {
  readonly skuFrom: SkuFrom;
}

/** A kind of file: how it is known, which columns are used for what, and what a record says. */
export interface Format {
  readonly name: string;
  readonly title: string;
  /** Columns without which it is not this format. */
  readonly needs: readonly string[];
  /** Column, and what it becomes. */
  readonly mapping: Readonly<Record<string, string>>;
  /** A reader of one file's records, in their order: later ones may lean on earlier ones. */
  reader(options: FormatOptions): (record: FileRecord) => Reading;
}

const own: Format = {
  name: "stockwire",
  title: "Stockwire CSV",
  needs: ["sku"],
  mapping: {
    sku: "SKU",
    title: "title",
    location: "location",
    on_hand: "on hand",
    safety_stock: "safety stock",
    backorder_limit: "backorder limit",
    low_stock_at: "low stock at",
  },
  reader:
    () =>
    ({ fields }) => {
      const { sku = "", title, location } = fields;
      const said: Said = {
        sku,
        title,
        location,
        onHand: fields["on_hand"],
        safetyStock: fields["safety_stock"],
        backorderLimit: fields["backorder_limit"],
        lowStockAt: fields["low_stock_at"],
      };
      return said.sku === "" ? { kind: "wrong", why: "no SKU" } : { kind: "row", said };
    },
};

const optionColumns = ["Option1 Value", "Option2 Value", "Option3 Value"];
const noSku = "no SKU: give it one, or make SKUs of handle and options with --sku-from handle-option";

/** The values of a variant's options; a product without options has one called Default Title. */
function optionsOf(fields: FileRecord["fields"]): string[] {
  return optionColumns
    .map((name) => fields[name] ?? "")
    .filter((value) => value !== "" && value !== "Default Title");
}

function skuOf(fields: FileRecord["fields"], given: string, { skuFrom }: FormatOptions): string {
  if (given !== "" || skuFrom === "column") return given;
  // Handles have no colon, so that two products never make the same SKU of their handles.
  return [fields["Handle"] ?? "", ...optionsOf(fields)].join(":");
}

const shopifyProducts: Format = {
  name: "shopify-products",
  title: "Shopify product export",
  needs: ["Handle", "Variant SKU", "Variant Inventory Qty"],
  mapping: {
    "Variant SKU": "SKU",
    Handle: "SKU, where that is empty and --sku-from handle-option is given",
    Title: "title, with the options",
    "Variant Inventory Qty": "on hand",
  },
  reader: (options) => {
    const titles = new Map<string, string>();
    return ({ fields }) => {
      const handle = fields["Handle"] ?? "";
      const title = fields["Title"] ?? "";
      if (title !== "") titles.set(handle, title);
      const quantity = fields["Variant Inventory Qty"] ?? "";
      const given = fields["Variant SKU"] ?? "";
      if (given === "" && quantity === "" && (fields["Option1 Value"] ?? "") === "")
        return { kind: "ignored", why: "further pictures of a product" };
      const sku = skuOf(fields, given.replace(/^'/, ""), options);
      if (sku === "") return { kind: "wrong", why: noSku };
      const variant = optionsOf(fields).join(" / ");
      const name = [titles.get(handle) ?? handle, variant].filter((part) => part !== "").join(", ");
      const isTracked = (fields["Variant Inventory Tracker"] ?? "") !== "";
      const notes = isTracked ? [] : ["Shopify does not track their stock: look at the numbers"];
      return { kind: "row", said: { sku, title: name, onHand: quantity }, notes };
    };
  },
};

/** The names that the column with what is on hand has had. */
const onHandColumns = ["On hand (new)", "On hand (current)", "On hand"];

const shopifyInventory: Format = {
  name: "shopify-inventory",
  title: "Shopify inventory export",
  needs: ["Handle", "SKU", "Location"],
  mapping: {
    SKU: "SKU",
    Handle: "SKU, where that is empty and --sku-from handle-option is given",
    Title: "title, with the options",
    Location: "location",
    "On hand (new)": "on hand, where it is filled",
    "On hand (current)": "on hand",
    "On hand": "on hand",
  },
  reader:
    (options) =>
    ({ fields }) => {
      const onHand = onHandColumns.map((name) => fields[name] ?? "").find((text) => text !== "");
      if (onHand === undefined && !onHandColumns.some((name) => name in fields))
        return { kind: "wrong", why: "no column On hand: export all quantities, not only what is available" };
      if (onHand === undefined || /^not stocked$/i.test(onHand))
        return { kind: "ignored", why: "not stocked at that location" };
      const sku = skuOf(fields, fields["SKU"] ?? "", options);
      if (sku === "") return { kind: "wrong", why: noSku };
      const variant = optionsOf(fields).join(" / ");
      const title = [fields["Title"] ?? "", variant].filter((part) => part !== "").join(", ");
      return { kind: "row", said: { sku, title, location: fields["Location"], onHand } };
    },
};

const woocommerce: Format = {
  name: "woocommerce",
  title: "WooCommerce product export",
  needs: ["Type", "SKU", "Name", "Stock"],
  mapping: { SKU: "SKU", Name: "title", Stock: "on hand", "Low stock amount": "low stock at" },
  reader:
    () =>
    ({ fields }) => {
      const types = new Set((fields["Type"] ?? "").split(",").map((type) => type.trim()));
      const { SKU: sku = "", Name: title, Stock: stock = "" } = fields;
      if (types.has("grouped") || types.has("external"))
        return { kind: "ignored", why: "grouped and external products have no stock" };
      if (stock === "parent")
        return { kind: "wrong", why: "its stock is its parent's: in Stockwire each variation has its own" };
      if (stock === "") return { kind: "ignored", why: "WooCommerce does not manage their stock" };
      if (sku === "") return { kind: "wrong", why: "no SKU" };
      return { kind: "row", said: { sku, title, onHand: stock, lowStockAt: fields["Low stock amount"] } };
    },
};

/** All there are; the first whose columns are there is what a file is taken for. */
export const formats: readonly Format[] = [shopifyProducts, shopifyInventory, woocommerce, own];

export function detectFormat(columns: readonly string[]): Format | undefined {
  return formats.find(({ needs }) => needs.every((column) => columns.includes(column)));
}
