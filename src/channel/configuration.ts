import type { ChannelConfig } from "../protocol/channel.ts";
import type { ChannelPolicy, Vault } from "./adapter.ts";
import { channelKinds, findAdapter } from "./adapters/index.ts";
import type { ChannelRefusal } from "./contract.ts";
import { discreet, Discretion } from "./discreet.ts";
import type { Setup } from "./publisher.ts";
import { purposeOf } from "./purpose.ts";
import type { Connection, OpenChannel } from "./registered.ts";
import { openRetired, type Retired, stillGood, withRetired } from "./retired.ts";
import { newSigningSecret, type SecretBox } from "./secrets.ts";
import type { ChannelRecord, SealedSecrets } from "./store.ts";
import { log } from "../telemetry/log.ts";

/** What a channel shares with its receiver, and what it needs to get in. */
export interface ChannelSecrets {
  readonly signingSecret: string;
  readonly credentials?: Credentials | undefined;
  /** Those before them, while they are still good. */
  readonly retired?: readonly Retired[] | undefined;
}

type Credentials = Readonly<Record<string, string>>;

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

/** A new signing secret and the credentials of a configuration, in the clear and sealed. */
export async function sealNewSecrets(
  id: string,
  config: Pick<ChannelConfig, "credentials">,
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

/** For how long what is replaced is still good, and from when on. */
export interface Overlap {
  readonly nowMs: number;
  readonly overlapSeconds: number;
}

/** The secrets of a channel that has some already: it keeps its signing secret, and its credentials unless there are new ones. */
export function renewedSecrets(before: SecretPair, fresh: SecretPair, overlap: Overlap): SecretPair {
  if (fresh.sealed.credentials === undefined) return before;
  const kept = retiring(before, "credentials", overlap);
  const sealed = { ...kept.sealed, credentials: fresh.sealed.credentials };
  const credentials = fresh.secrets?.credentials;
  return { sealed, secrets: kept.secrets && { ...kept.secrets, credentials } };
}

/** The secrets of a channel with another signing secret. */
export function resignedSecrets(before: SecretPair, fresh: SecretPair, overlap: Overlap): SecretPair {
  const kept = retiring(before, "signing", overlap);
  const sealed = { ...kept.sealed, signingSecret: fresh.sealed.signingSecret };
  const signingSecret = fresh.secrets?.signingSecret;
  if (kept.secrets === undefined || signingSecret === undefined) return { sealed, secrets: undefined };
  return { sealed, secrets: { ...kept.secrets, signingSecret } };
}

/** The same, with what is about to be replaced among the retired. */
function retiring(pair: SecretPair, of: Retired["of"], { nowMs, overlapSeconds }: Overlap): SecretPair {
  const { sealed, secrets } = pair;
  const old = of === "signing" ? sealed.signingSecret : sealed.credentials;
  if (old === undefined || overlapSeconds === 0) return pair;
  const untilMs = nowMs + overlapSeconds * 1_000;
  const text = of === "signing" ? secrets?.signingSecret : JSON.stringify(secrets?.credentials);
  return {
    sealed: { ...sealed, retired: withRetired(sealed.retired, { of, untilMs, sealed: old }, nowMs) },
    secrets:
      secrets === undefined || text === undefined
        ? undefined
        : { ...secrets, retired: withRetired(secrets.retired, { of, untilMs, text }, nowMs) },
  };
}

/** Undefined, and a line in the log, if the service's secret is not the one they were sealed with. */
export async function openSecrets(
  id: string,
  sealed: SealedSecrets,
  box: SecretBox,
): Promise<ChannelSecrets | undefined> {
  try {
    const signingSecret = await box.open(sealed.signingSecret, purposeOf(id, "signing"));
    const retired = await openRetired(id, sealed.retired, box);
    const { credentials } = sealed;
    if (credentials === undefined) return { signingSecret, retired };
    const text = await box.open(credentials, purposeOf(id, "credentials"));
    return { signingSecret, retired, credentials: JSON.parse(text) as Credentials };
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

const nowhere: Vault = { read: async () => undefined, write: async () => undefined };

const unreadable: Setup["publish"] = async (publications) =>
  publications.map(() => ({
    outcome: "retry",
    detail:
      "not sent: the channel's secrets were sealed with another STOCKWIRE_SECRETS_KEY; " +
      "set STOCKWIRE_SECRETS_KEY_PREVIOUS to that one",
  }));
