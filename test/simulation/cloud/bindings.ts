import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../code/bundle.ts";

const config = readFileSync(join(root, "wrangler.toml"), "utf8");

/** The variables of wrangler.toml. */
export const variables: Readonly<Record<string, string>> = Object.fromEntries(
  [...section("[vars]").matchAll(/^(\w+) = "(.*)"$/gm)].map(([, name = "", value = ""]) => [name, value]),
);

/** The classes of objects by the name they are bound to, as wrangler.toml has them. */
export const classes: readonly (readonly [binding: string, className: string])[] = [
  ...config.matchAll(/^\[\[durable_objects\.bindings\]\]\nname = "(\w+)"\nclass_name = "(\w+)"$/gm),
].map(([, binding = "", className = ""]) => [binding, className]);

function section(heading: string): string {
  const [, after = ""] = config.split(`${heading}\n`);
  return after.split("\n[")[0] ?? "";
}
