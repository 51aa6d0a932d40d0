import type { ChannelSettings, DriftPolicy, ListingsMode } from "../protocol/channel.ts";
import type { PublicationRule } from "../protocol/rule.ts";
import { findAdapter } from "./adapters/index.ts";
import type { Connection } from "./kit/registered.ts";

/** How a channel is configured, without its secrets. */
export interface ChannelRecord {
  readonly id: string;
  readonly kind: string;
  readonly settings: ChannelSettings;
  readonly listings: ListingsMode;
  readonly rule?: PublicationRule | undefined;
  /** Who wins when the channel shows another number; `stockwire` if absent. */
  readonly drift?: DriftPolicy | undefined;
  /** Grows when the numbers go to another place. */
  readonly destination: number;
  /** Why it is paused; absent while it runs. */
  readonly pausedBecause?: string | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A record's adapter with its settings put in; not opened yet. */
export function connect(record: Pick<ChannelRecord, "kind" | "settings">): Connection {
  const adapter = findAdapter(record.kind);
  if (adapter === undefined) throw new Error(`no adapter for channel kind ${record.kind}`);
  return adapter.connect(record.settings);
}
