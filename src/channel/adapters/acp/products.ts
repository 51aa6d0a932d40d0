import { z } from "zod";
import type { Publication } from "../../kit/adapter.ts";
import { variantIdOf } from "./settings.ts";

/** Purchasability as the protocol has it. It knows no quantity. */
export interface Availability {
  readonly available: boolean;
  readonly status: "in_stock" | "limited_stock" | "backorder" | "out_of_stock";
}

const Variant = z.looseObject({
  id: z.string(),
  title: z.string(),
  availability: z.looseObject({ available: z.boolean().optional(), status: z.string().optional() }).nullish(),
});
type Variant = z.infer<typeof Variant>;

const Product = z.looseObject({ id: z.string(), variants: z.array(Variant) });
export type Product = z.infer<typeof Product>;

export const Products = z.looseObject({ products: z.array(Product) });

/** What the feed should say of a publication: of units that the rule holds back, nothing is there. */
export function availabilityOf({ quantity, status }: Publication): Availability {
  if (quantity > 0) {
    return { available: true, status: status === "low_stock" ? "limited_stock" : "in_stock" };
  }
  const isBackorder = status === "backorder";
  return { available: isBackorder, status: isBackorder ? "backorder" : "out_of_stock" };
}

/** A product as it is to be sent, and the publications it tells of. */
export interface Change {
  readonly product: Product;
  readonly publications: readonly Publication[];
}

/** What is to be sent of publications, given the feed. */
export interface Plan {
  readonly changes: readonly Change[];
  /** The feed says so already. */
  readonly settled: readonly Publication[];
  /** The feed has no such variant. */
  readonly missing: readonly Publication[];
}

/**
 * The products of the feed with what the publications say put in. Whole products if the agent replaces whole ones
 * (`isWhole`), else only what changes of their variants.
 */
export function planOf(
  products: readonly Product[],
  publications: readonly Publication[],
  isWhole: boolean,
): Plan {
  const wanted = Map.groupBy(publications, variantIdOf);
  const found = new Set<Publication>();
  const settled: Publication[] = [];
  const changes = products.flatMap((product): Change[] => {
    const told: Publication[] = [];
    const variants = product.variants.flatMap((variant): Variant[] => {
      const here = (wanted.get(variant.id) ?? []).filter((one) => isOf(product, one));
      const publication = here.at(-1);
      if (publication === undefined) return isWhole ? [variant] : [];
      for (const one of here) found.add(one);
      const { available, status } = availabilityOf(publication);
      const known = variant.availability;
      if (known?.available === available && known.status === status) {
        settled.push(...here);
        return isWhole ? [variant] : [];
      }
      told.push(...here);
      const changed = isWhole ? variant : { id: variant.id, title: variant.title };
      return [{ ...changed, availability: { ...known, available, status } }];
    });
    if (told.length === 0) return [];
    const changed = isWhole ? { ...product, variants } : { id: product.id, variants };
    return [{ product: changed, publications: told }];
  });
  return { changes, settled, missing: publications.filter((publication) => !found.has(publication)) };
}

/** A listing that names its product means that one. */
function isOf(product: Product, { external }: Publication): boolean {
  const productId = typeof external === "object" ? external["productId"] : undefined;
  return productId === undefined || productId === product.id;
}

/** The same without reading the feed, for listings that say all that must be sent; undefined if one does not. */
export function planUnread(publications: readonly Publication[]): Plan | undefined {
  const changes = publications.map((publication): Change | undefined => {
    const { productId, variantId, title } =
      typeof publication.external === "object" ? publication.external : {};
    if (productId === undefined || variantId === undefined || title === undefined) return undefined;
    const availability = { ...availabilityOf(publication) };
    return {
      product: { id: productId, variants: [{ id: variantId, title, availability }] },
      publications: [publication],
    };
  });
  const known = changes.filter((change) => change !== undefined);
  if (known.length < changes.length) return undefined;
  const byProduct = Map.groupBy(known, ({ product }) => product.id);
  const merged = [...byProduct].map(([id, parts]) => ({
    product: { id, variants: parts.flatMap(({ product }) => product.variants) },
    publications: parts.flatMap((part) => part.publications),
  }));
  return { changes: merged, settled: [], missing: [] };
}
