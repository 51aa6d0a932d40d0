import type { ChannelConfig } from "../../protocol/channel.ts";
import { log } from "../../telemetry/log.ts";
import { purposeOf } from "./purpose.ts";
import { openRetired, type Retired, type SealedRetired, withRetired } from "./retired.ts";
import { newSigningSecret, type SecretBox } from "./box.ts";

/** What to do about a channel whose secrets could not be opened. */
export const sealedElsewhere =
  "the channel's secrets were sealed with another STOCKWIRE_SECRETS_KEY: set STOCKWIRE_SECRETS_KEY_PREVIOUS to that one, " +
  "or replace them: PUT /v1/channels/{id} with new credentials; POST /v1/channels/{id}/signing-secret if it has none";

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

/** What of them could be opened. */
type OpenedSecrets = Omit<ChannelSecrets, "signingSecret"> & {
  readonly signingSecret?: string | undefined;
};

/** A channel's secrets in both forms. */
export interface SecretPair {
  readonly secrets: OpenedSecrets;
  readonly sealed: SealedSecrets;
}

/** Undefined if one of them could not be opened. */
export function completeSecrets({ secrets, sealed }: SecretPair): ChannelSecrets | undefined {
  const { signingSecret, credentials } = secrets;
  const lacksCredentials = sealed.credentials !== undefined && credentials === undefined;
  return signingSecret === undefined || lacksCredentials ? undefined : { ...secrets, signingSecret };
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

/**
 * The secrets of a channel that has some already: it keeps its credentials unless there are new ones, and its signing secret
 * unless that cannot be opened, which would keep the channel silent whatever its credentials.
 */
export function renewedSecrets(before: SecretPair, fresh: SecretPair, overlap: Overlap): SecretPair {
  if (fresh.sealed.credentials === undefined) return before;
  const kept = retiring(before, "credentials", overlap);
  const renewed = {
    sealed: { ...kept.sealed, credentials: fresh.sealed.credentials },
    secrets: { ...kept.secrets, credentials: fresh.secrets.credentials },
  };
  return before.secrets.signingSecret === undefined ? resignedSecrets(renewed, fresh, overlap) : renewed;
}

/** The secrets of a channel with another signing secret. */
export function resignedSecrets(before: SecretPair, fresh: SecretPair, overlap: Overlap): SecretPair {
  const kept = retiring(before, "signing", overlap);
  return {
    sealed: { ...kept.sealed, signingSecret: fresh.sealed.signingSecret },
    secrets: { ...kept.secrets, signingSecret: fresh.secrets.signingSecret },
  };
}

/** The same, with what is about to be replaced among the retired: only sealed if it could not be opened. */
function retiring(pair: SecretPair, of: Retired["of"], { nowMs, overlapSeconds }: Overlap): SecretPair {
  const { sealed, secrets } = pair;
  const old = of === "signing" ? sealed.signingSecret : sealed.credentials;
  if (old === undefined || overlapSeconds === 0) return pair;
  const untilMs = nowMs + overlapSeconds * 1_000;
  const text = of === "signing" ? secrets.signingSecret : JSON.stringify(secrets.credentials);
  return {
    sealed: { ...sealed, retired: withRetired(sealed.retired, { of, untilMs, sealed: old }, nowMs) },
    secrets:
      text === undefined
        ? secrets
        : { ...secrets, retired: withRetired(secrets.retired, { of, untilMs, text }, nowMs) },
  };
}

/** What of them opens. The rest was sealed with another secret of the service: a line in the log says so for each. */
export async function openSecrets(id: string, sealed: SealedSecrets, box: SecretBox): Promise<OpenedSecrets> {
  const open = async (text: string | undefined, of: Retired["of"]) => {
    if (text === undefined) return undefined;
    try {
      return await box.open(text, purposeOf(id, of));
    } catch (error) {
      log("channel.secrets_unreadable", { channel: id, secret: of }, { error });
      return undefined;
    }
  };
  const signingSecret = await open(sealed.signingSecret, "signing");
  const credentials = await open(sealed.credentials, "credentials");
  const retired = await openRetired(sealed.retired, Date.now(), open);
  return {
    signingSecret,
    retired,
    ...(credentials !== undefined && { credentials: JSON.parse(credentials) as Credentials }),
  };
}
