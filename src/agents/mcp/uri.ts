import { Sku } from "../../protocol/primitives.ts";

const scheme = "stock://";

/** The resource that a SKU is: `stock://<sku>`, percent-encoded (RFC 3986). */
export function stockUri(sku: string): string {
  return scheme + encodeURIComponent(sku);
}

/** The SKU of a resource; undefined if the text names none. */
export function skuOfUri(uri: string): string | undefined {
  if (!uri.startsWith(scheme)) return undefined;
  try {
    const parsed = Sku.safeParse(decodeURIComponent(uri.slice(scheme.length)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
