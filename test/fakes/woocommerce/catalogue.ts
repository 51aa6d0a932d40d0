/** A product or a variation as WooCommerce keeps it. */
export interface FakeProduct {
  readonly id: number;
  /** 0 for a product. */
  readonly parentId: number;
  readonly type: "simple" | "variable" | "variation" | "external" | "grouped";
  sku: string;
  name: string;
  manageStock: boolean | "parent";
  stock: number | null;
  modifiedAtMs: number;
}

/** Times in `_gmt` fields: seconds, no zone. */
export function gmt(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19);
}

/** What the API shows of a product, after class-wc-rest-products-controller.php: more fields than anyone asks for. */
export function productJson(product: FakeProduct): Record<string, unknown> {
  return {
    id: product.id,
    name: product.name,
    type: product.type,
    status: "publish",
    description: "<p>Words</p>\n",
    sku: product.sku,
    price: "10.00",
    manage_stock: product.manageStock,
    stock_quantity: product.manageStock === true ? product.stock : null,
    stock_status: (product.stock ?? 1) > 0 ? "instock" : "outofstock",
    backorders: "no",
    parent_id: product.parentId,
    date_modified: gmt(product.modifiedAtMs + 3_600_000),
    date_modified_gmt: gmt(product.modifiedAtMs),
    meta_data: [],
  };
}

export class Catalogue {
  readonly products = new Map<number, FakeProduct>();
  /** WooCommerce > Settings > Products > Inventory > Enable stock management. */
  isStockManaged = true;
  #lastId = 90;

  add(more: Partial<FakeProduct> & { sku: string }, nowMs: number): FakeProduct {
    this.#lastId += 1;
    const product: FakeProduct = {
      id: this.#lastId,
      parentId: 0,
      type: (more.parentId ?? 0) > 0 ? "variation" : "simple",
      name: more.sku,
      manageStock: true,
      stock: 0,
      modifiedAtMs: nowMs,
      ...more,
    };
    this.products.set(product.id, product);
    return product;
  }

  get(id: number): FakeProduct {
    const product = this.products.get(id);
    if (product === undefined) throw new Error(`no product ${id}`);
    return product;
  }

  /** wc_update_product_stock: one statement in the database. */
  move(id: number, units: number, nowMs: number): boolean {
    const product = this.products.get(id);
    if (product === undefined || product.manageStock !== true || !this.isStockManaged) return false;
    product.stock = (product.stock ?? 0) + units;
    product.modifiedAtMs = nowMs;
    return true;
  }

  /** What a REST update does to stock. Without stock management the fields are ignored, as WooCommerce does. */
  write(id: number, manageStock: unknown, quantity: unknown, nowMs: number): void {
    const product = this.get(id);
    if (!this.isStockManaged || product.type === "external" || product.type === "grouped") return;
    if (manageStock !== undefined) product.manageStock = manageStock === true;
    if (product.manageStock === true && typeof quantity === "number") product.stock = Math.trunc(quantity);
    product.modifiedAtMs = nowMs;
  }
}
