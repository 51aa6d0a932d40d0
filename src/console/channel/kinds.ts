/** What each kind of channel is called, and what it is. A kind that is not here is shown by its own name. */
const known: Readonly<Record<string, { readonly title: string; readonly words: string }>> = {
  webhook: { title: "Webhook", words: "Any system of yours that takes an HTTP request. Each one is signed." },
  amazon: { title: "Amazon", words: "A seller account, by the Selling Partner API." },
  ebay: { title: "eBay", words: "A seller, by the Inventory, Fulfillment and Notification APIs." },
  medusa: { title: "Medusa", words: "A Medusa 2 shop, by its Admin API." },
  shopify: { title: "Shopify", words: "A shop, by the GraphQL Admin API." },
  vendure: { title: "Vendure", words: "A Vendure 3 shop, by its Admin API." },
  woocommerce: { title: "WooCommerce", words: "A WordPress shop, by the REST API v3." },
};

export function kindWords(kind: string): { readonly title: string; readonly words: string } {
  return known[kind] ?? { title: kind, words: "" };
}
