import { purposeOf } from "./purpose.ts";
import { keyIdOf, type SecretBox } from "./box.ts";
import type { SealedSecrets } from "./pair.ts";
import { vaultPurpose } from "./vault.ts";

/** The part of a channel's store that has sealed texts. */
interface SealedStore {
  read(part: "secrets"): SealedSecrets | undefined;
  write(part: "secrets", secrets: SealedSecrets): void;
  vault(): { name: string; sealed: string }[];
  writeVault(name: string, sealed: string): void;
  transaction(run: () => void): void;
}

/**
 * Seals a channel's secrets with the service's present secret, if some were sealed with the one before it. What cannot be
 * opened stays as it is: it opens again once its secret is given. Answers what is stored from then on.
 */
export async function resealed(
  id: string,
  secrets: SealedSecrets,
  store: SealedStore,
  box: SecretBox,
): Promise<SealedSecrets> {
  const { signingSecret, credentials, retired } = secrets;
  const retiredAnew = retired?.map(async (one) => ({
    ...one,
    sealed: await renewedSeal(box, one.sealed, purposeOf(id, one.of)),
  }));
  const renewed: SealedSecrets = {
    ...secrets,
    signingSecret: await renewedSeal(box, signingSecret, purposeOf(id, "signing")),
    ...(credentials !== undefined && {
      credentials: await renewedSeal(box, credentials, purposeOf(id, "credentials")),
    }),
    ...(retiredAnew !== undefined && { retired: await Promise.all(retiredAnew) }),
  };
  const vault = await Promise.all(
    store.vault().map(async ({ name, sealed }) => {
      const fresh = await renewedSeal(box, sealed, vaultPurpose(id, name));
      return { name, sealed: fresh, isNew: fresh !== sealed };
    }),
  );
  const isNew = JSON.stringify(renewed) !== JSON.stringify(secrets);
  const kept = vault.filter((text) => text.isNew);
  store.transaction(() => {
    if (isNew) store.write("secrets", renewed);
    for (const { name, sealed } of kept) store.writeVault(name, sealed);
  });
  return renewed;
}

/** The ids of the keys that a channel's secrets are sealed with now. What is over does not count. */
export function keyIdsOf(store: SealedStore, nowMs: number): string[] {
  const secrets = store.read("secrets");
  const stillGood = (secrets?.retired ?? []).filter(({ untilMs }) => untilMs > nowMs);
  const others = [...stillGood, ...store.vault()];
  const texts = [secrets?.signingSecret, secrets?.credentials, ...others.map(({ sealed }) => sealed)];
  const ids = texts.flatMap((text) => (text === undefined ? [] : [keyIdOf(text) ?? "unknown"]));
  return [...new Set(ids)];
}

/** The same text sealed anew if it must be and can be. */
async function renewedSeal(box: SecretBox, sealed: string, purpose: string): Promise<string> {
  if (await box.isCurrent(sealed)) return sealed;
  try {
    return await box.seal(await box.open(sealed, purpose), purpose);
  } catch {
    // Whoever opens it says so in the log, with what to do.
    return sealed;
  }
}
