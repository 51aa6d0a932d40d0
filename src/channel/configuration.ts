import type { ChannelConfig } from "../protocol/channel.ts";
import type { ChannelPolicy, Vault } from "./adapter.ts";
import { channelKinds, findAdapter } from "./adapters/index.ts";
import type { ChannelRefusal } from "./contract.ts";
import { discreet, Discretion } from "./discreet.ts";
import type { Setup } from "./publisher.ts";
import { purposeOf } from "./purpose.ts";
import type { Connection, OpenChannel } from "./registered.ts";
import { newSigningSecret, type SecretBox } from "./secrets.ts";
import type { ChannelRecord, SealedSecrets } from "./store.ts";
import { log } from "../telemetry/log.ts";

/** What a channel shares with its receiver, and what it needs to get in. */
export interface ChannelSecrets {
  readonly signingSecret: string;
  readonly credentials?: Readonly<Record<string, string>> | undefined;
}

/** A channel's secrets in both forms. `secrets` is undefined if they could not be opened. */
export interface SecretPair {
  readonly secrets: ChannelSecrets | undefined;
  readonly sealed: SealedSecrets;
}

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
  const { signingSecret, credentials = {} } = secrets;
  const discretion = new Discretion([signingSecret, ...Object.values(credentials)]);
  const channel = connect(record).open({
    channel: record.id,
    policy,
    vault: discretion.overhear(vault),
    signingSecret,
    credentials,
    fetch: (url: string, init: RequestInit) => fetch(url, init),
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

/** A new signing secret and the credentials of a configuration, in the clear and sealed. */
export async function sealNewSecrets(
  id: string,
  config: ChannelConfig,
  box: SecretBox,
): Promise<SecretPair & { readonly secrets: ChannelSecrets }> {
  const signingSecret = newSigningSecret();
  const { credentials } = config;
  const sealed = {
    signingSecret: await box.seal(signingSecret, purposeOf(id, "signing")),
    ...(credentials !== undefined && {
      credentials: await box.seal(JSON.stringify(credentials), purposeOf(id, "credentials")),
    }),
  };
  return { secrets: { signingSecret, credentials }, sealed };
}

/** The secrets of a channel that has some already: it keeps its signing secret, and its credentials unless there are new ones. */
export function renewedSecrets(before: SecretPair, fresh: SecretPair): SecretPair {
  const sealed = { ...before.sealed, credentials: fresh.sealed.credentials ?? before.sealed.credentials };
  if (before.secrets === undefined) return { sealed, secrets: undefined };
  const credentials = fresh.secrets?.credentials ?? before.secrets.credentials;
  return { sealed, secrets: { ...before.secrets, credentials } };
}

/** Undefined, and a line in the log, if the service's secret is not the one they were sealed with. */
export async function openSecrets(
  id: string,
  sealed: SealedSecrets,
  box: SecretBox,
): Promise<ChannelSecrets | undefined> {
  try {
    const signingSecret = await box.open(sealed.signingSecret, purposeOf(id, "signing"));
    const { credentials } = sealed;
    if (credentials === undefined) return { signingSecret };
    const text = await box.open(credentials, purposeOf(id, "credentials"));
    return { signingSecret, credentials: JSON.parse(text) as Record<string, string> };
  } catch (error) {
    log("channel.secrets_unreadable", { channel: id }, { error });
    return undefined;
  }
}

/** A record's adapter with its settings put in; not opened yet. */
export function connect(record: Pick<ChannelRecord, "kind" | "settings">): Connection {
  const adapter = findAdapter(record.kind);
  if (adapter === undefined) throw new Error(`no adapter for channel kind ${record.kind}`);
  return adapter.connect(record.settings);
}

const unreadable: Setup["publish"] = async (publications) =>
  publications.map(() => ({
    outcome: "retry",
    detail:
      "not sent: the channel's secrets were sealed with another STOCKWIRE_SECRETS_KEY; " +
      "set STOCKWIRE_SECRETS_KEY_PREVIOUS to that one",
  }));
