import type { ChannelConfig } from "../../protocol/channel.ts";
import { log } from "../../telemetry/log.ts";
import { purposeOf } from "./purpose.ts";
import { openRetired, type Retired, type SealedRetired, withRetired } from "./retired.ts";
import { newSigningSecret, type SecretBox } from "./box.ts";

/** What a channel shares with its receiver, and what it needs to get in. */
export interface ChannelSecrets {
  readonly signingSecret: string;
  readonly credentials?: Credentials | undefined;
  /** Those before them, while they are still good. */
  readonly retired?: readonly Retired[] | undefined;
}

export type Credentials = Readonly<Record<string, string>>;

/** Encrypted texts; see `SecretBox`. */
export interface SealedSecrets {
  readonly signingSecret: string;
  readonly credentials?: string | undefined;
  /** Those before them, while they are still good. */
  readonly retired?: readonly SealedRetired[] | undefined;
}

/** A channel's secrets in both forms. `secrets` is undefined if they could not be opened. */
export interface SecretPair {
  readonly secrets: ChannelSecrets | undefined;
  readonly sealed: SealedSecrets;
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
