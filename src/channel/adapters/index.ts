import type { RegisteredAdapter } from "../registered.ts";
import { webhook } from "./webhook/index.ts";

/** Every kind of channel. Adding one is adding a folder and a line here. */
const adapters: readonly RegisteredAdapter[] = [webhook];

export const channelKinds: readonly string[] = adapters.map((adapter) => adapter.kind);

export function findAdapter(kind: string): RegisteredAdapter | undefined {
  return adapters.find((adapter) => adapter.kind === kind);
}
