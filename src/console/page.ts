import type { ComponentType } from "preact";
import type { Scope } from "../protocol/requests.ts";
import type { Params } from "./route.ts";

/** What every page gets: the named parts of its address, and the query. */
export interface PageProps {
  readonly params: Params;
  readonly query: Readonly<Record<string, string>>;
}

export interface Route {
  /** Parts of the address after `#`; `:name` stands for any one. */
  readonly pattern: string;
  /** What stands in the browser's title, and in the menu if `group` says that it is there. */
  readonly title: string;
  /** Where the menu lists it; absent: it is reached from another page. */
  readonly group?: Group;
  /** Keys without it do not find the page in the menu; absent: everybody does. */
  readonly scope?: Scope;
  /** Anybody may look at it, signed in or not: it asks nothing of the service that needs a key. */
  readonly isOpen?: true;
  /** Loaded when it is looked at first. */
  readonly load: () => Promise<{ readonly Page: ComponentType<PageProps> }>;
}

/** The parts of the menu, in its order. */
export const groups = ["Stock", "Selling", "Upkeep", "Why"] as const;
export type Group = (typeof groups)[number];
