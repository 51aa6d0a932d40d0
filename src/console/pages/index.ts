import type { Route } from "../page.ts";

/** Every page of the console. Adding one is adding a file with a `Page`, and a line here. */
export const routes: readonly Route[] = [
  { pattern: "/", title: "Stock", group: "Stock", scope: "stock:read", load: () => import("./stock.tsx") },
  { pattern: "/skus/:sku", title: "SKU", load: () => import("./sku.tsx") },
  {
    pattern: "/oversells",
    title: "Oversells",
    group: "Stock",
    scope: "stock:read",
    load: () => import("./oversells.tsx"),
  },
  {
    pattern: "/channels",
    title: "Channels",
    group: "Selling",
    scope: "channels:manage",
    load: () => import("./channels.tsx"),
  },
  { pattern: "/channels/:id", title: "Channel", load: () => import("./channel.tsx") },
  { pattern: "/connect", title: "Connect a channel", load: () => import("./connect.tsx") },
  {
    pattern: "/unmatched",
    title: "Unmatched orders",
    group: "Selling",
    scope: "stock:read",
    load: () => import("./unmatched.tsx"),
  },
  {
    pattern: "/dead-letters",
    title: "Dead letters",
    group: "Upkeep",
    scope: "admin",
    load: () => import("./dead-letters.tsx"),
  },
  { pattern: "/keys", title: "API keys", group: "Upkeep", scope: "admin", load: () => import("./keys.tsx") },
  {
    pattern: "/leakage",
    title: "Leakage calculator",
    group: "Why",
    isOpen: true,
    load: () => import("./leakage.tsx"),
  },
  {
    pattern: "/sync-gap",
    title: "Sync-gap lab",
    group: "Why",
    isOpen: true,
    load: () => import("./sync-gap.tsx"),
  },
];
