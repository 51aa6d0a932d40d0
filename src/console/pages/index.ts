import type { Route } from "../page.ts";

/** Every page of the console. Adding one is adding a file with a `Page`, and a line here. */
export const routes: readonly Route[] = [
  { pattern: "/", title: "Stock", group: "Stock", load: () => import("./stock.tsx") },
];
