import type { ChannelConfig } from "../protocol/channel.ts";
import type { ChannelPolicy, Vault } from "./kit/adapter.ts";
import { channelKinds, findAdapter } from "./adapters/index.ts";
import type { ChannelRefusal } from "./contract.ts";
import { discreet, Discretion } from "./secrets/discreet.ts";
import type { Setup } from "./publishing/publisher.ts";
import { type ChannelRecord, connect } from "./record.ts";
import type { OpenChannel } from "./kit/registered.ts";
import { stillGood } from "./secrets/retired.ts";
import { type ChannelSecrets, type Credentials, sealedElsewhere } from "./secrets/pair.ts";

/** Why a configuration cannot be taken; undefined if it can. `before` is what it would replace. */
export function refuseConfig(
  config: ChannelConfig,
  before: ChannelRecord | undefined,
  policy: ChannelPolicy,
): ChannelRefusal | undefined {
  const adapter = findAdapter(config.kind);
  if (adapter === undefined) return { code: "kind-unknown", kinds: channelKinds };
  if (before !== undefined && before.kind !== config.kind) return { code: "kind-fixed", kind: before.kind };
  const { settings, credentials } = config;
  const issues = [
    ...adapter.checkSettings(settings, policy),
    // A change without credentials keeps those that are stored.
    ...(before === undefined || credentials !== undefined ? adapter.checkCredentials(credentials ?? {}) : []),
  ];
  return issues.length > 0 ? { code: "invalid", issues } : undefined;
}

/** The record of a channel after a configuration that was not refused. */
export function configured(
  id: string,
  config: ChannelConfig,
  before: ChannelRecord | undefined,
  nowMs: number,
): ChannelRecord {
  const { kind, settings, listings, rule, drift } = config;
  const record = { id, kind, settings, listings, rule, drift, updatedAtMs: nowMs };
  if (before === undefined) return { ...record, destination: 1, createdAtMs: nowMs };
  const hasMoved = connect(before).destination !== connect(record).destination;
  const destination = before.destination + (hasMoved ? 1 : 0);
  const { createdAtMs, pausedBecause } = before;
  return { ...record, destination, createdAtMs, pausedBecause };
}

/** The channel a record describes, ready to be called; undefined if its secrets could not be opened. */
export function openChannel(
  record: ChannelRecord,
  secrets: ChannelSecrets | undefined,
  policy: ChannelPolicy,
  vault: Vault,
): OpenChannel | undefined {
  if (secrets === undefined) return undefined;
  return openWith(record, secrets.credentials ?? {}, secrets, policy, vault);
}

/**
 * The channel as it was with credentials that are still good, to verify what it signed with them; it can call nobody, and
 * keeps nothing.
 */
export function openFormer(
  record: ChannelRecord,
  secrets: ChannelSecrets,
  policy: ChannelPolicy,
): readonly OpenChannel[] {
  return stillGood(secrets.retired, "credentials", Date.now()).map((text) =>
    openWith(record, JSON.parse(text) as Credentials, secrets, policy, undefined),
  );
}

function openWith(
  record: ChannelRecord,
  credentials: Credentials,
  secrets: ChannelSecrets,
  policy: ChannelPolicy,
  vault: Vault | undefined,
): OpenChannel {
  const { signingSecret, retired = [] } = secrets;
  const discretion = new Discretion([
    signingSecret,
    ...Object.values(credentials),
    ...Object.values(secrets.credentials ?? {}),
    ...retired.flatMap(({ of, text }) =>
      of === "signing" ? [text] : Object.values(JSON.parse(text) as Credentials),
    ),
  ]);
  const channel = connect(record).open({
    channel: record.id,
    policy,
    vault: discretion.overhear(vault ?? nowhere),
    signingSecret,
    retiredSigningSecrets: () => stillGood(retired, "signing", Date.now()),
    credentials,
    fetch: async (url: string, init: RequestInit) => {
      if (vault === undefined) throw new Error("nobody is called with former credentials");
      return fetch(url, init);
    },
    now: () => Date.now(),
  });
  return discreet(channel, discretion);
}

/** What a record means for publishing. `channel` undefined: its secrets could not be opened, and nothing can be sent. */
export function setupOf(record: ChannelRecord, channel: OpenChannel | undefined): Setup {
  const connection = connect(record);
  return {
    mode: record.listings,
    terms: {
      channel: record.id,
      rule: record.rule,
      destination: record.destination,
      shown: (publication) => connection.shown(publication),
      itemKey: (external) => connection.itemKey(external),
    },
    limits: connection.limits,
    publish: channel === undefined ? unreadable : (publications) => channel.publish(publications),
    readListings:
      channel !== undefined && connection.abilities.canReadListings
        ? (listings) => channel.readListings(listings)
        : undefined,
  };
}

const nowhere: Vault = { read: async () => undefined, write: async () => undefined };

const unreadable: Setup["publish"] = async (publications) =>
  publications.map(() => ({
    outcome: "retry",
    detail: `not sent: ${sealedElsewhere}`,
  }));
