import type { AdapterContext } from "./adapter.ts";

/** A channel's access token, and the refresh token that renews it if there is one. */
export interface AccessToken {
  readonly accessToken: string;
  readonly expiresAtMs: number;
  readonly refreshToken?: string | undefined;
}

/** Asks the channel for a new token; `kept` is the last one, whose refresh token may be needed. May throw. */
export type Obtain = (kept: AccessToken | undefined) => Promise<AccessToken>;

/** A token is renewed so long before it ends, so that it does not end on the way. */
const renewBeforeMs = 60_000;
const vaultName = "access-token";

interface Keeper {
  token?: AccessToken | undefined;
  obtaining?: Promise<AccessToken> | undefined;
}

/** By the configuration that they belong to: new credentials make a new context. */
const keepers = new WeakMap<object, Keeper>();

/**
 * A valid access token. It is obtained once, whoever asks: tokens that rotate would be lost otherwise. Kept in the
 * vault before it is used. Throws what `obtain` throws.
 */
export async function accessToken<Settings>(
  context: AdapterContext<Settings>,
  obtain: Obtain,
): Promise<string> {
  const keeper = keeperOf(context);
  if (keeper.obtaining !== undefined) return (await keeper.obtaining).accessToken;
  if (isFresh(keeper.token, context.now())) return keeper.token.accessToken;
  keeper.obtaining = obtainAndKeep(context, keeper, obtain);
  try {
    return (await keeper.obtaining).accessToken;
  } finally {
    keeper.obtaining = undefined;
  }
}

/** The channel did not accept this token: the next one who asks gets another. One that was renewed already stays. */
export function rejectToken<Settings>(context: AdapterContext<Settings>, rejected: string): void {
  const keeper = keeperOf(context);
  if (keeper.token?.accessToken === rejected) keeper.token = { ...keeper.token, expiresAtMs: 0 };
}

async function obtainAndKeep<Settings>(
  context: AdapterContext<Settings>,
  keeper: Keeper,
  obtain: Obtain,
): Promise<AccessToken> {
  const kept = keeper.token ?? (await readKept(context));
  // One from the vault is as good as new, unless this memory has seen it rejected.
  if (isFresh(kept, context.now())) {
    keeper.token = kept;
    return kept;
  }
  const token = await obtain(kept);
  await context.vault.write(vaultName, JSON.stringify(token));
  keeper.token = token;
  return token;
}

async function readKept<Settings>(context: AdapterContext<Settings>): Promise<AccessToken | undefined> {
  const text = await context.vault.read(vaultName);
  return text === undefined ? undefined : (JSON.parse(text) as AccessToken);
}

function isFresh(token: AccessToken | undefined, nowMs: number): token is AccessToken {
  return token !== undefined && token.expiresAtMs - renewBeforeMs > nowMs;
}

function keeperOf(context: object): Keeper {
  const known = keepers.get(context);
  if (known !== undefined) return known;
  const keeper: Keeper = {};
  keepers.set(context, keeper);
  return keeper;
}
