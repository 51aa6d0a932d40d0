import type { Tool } from "../tool.ts";
import { checkStock } from "./check-stock.ts";
import { commitHold } from "./commit-hold.ts";
import { extendHold } from "./extend-hold.ts";
import { holdStock } from "./hold-stock.ts";
import { releaseHold } from "./release-hold.ts";
import { searchStock } from "./search-stock.ts";

/** All tools, in the order in which they are listed: the order of a purchase. It never changes by itself. */
export const tools: readonly Tool[] = [
  searchStock,
  checkStock,
  holdStock,
  extendHold,
  commitHold,
  releaseHold,
];
