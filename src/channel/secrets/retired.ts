/** A secret that was replaced, and is still good for a while: until both sides know the new one. */
interface Replaced {
  readonly of: "signing" | "credentials";
  readonly untilMs: number;
}

/** As it is stored. */
export interface SealedRetired extends Replaced {
  readonly sealed: string;
}

/** As it is used; credentials are the JSON text of their record. */
export interface Retired extends Replaced {
  readonly text: string;
}

/** How many are kept: whoever replaces a secret again and again gives up the oldest. */
const retiredMax = 5;

/** The same with one more, without those that are over. */
export function withRetired<Kind extends Replaced>(
  before: readonly Kind[] | undefined,
  added: Kind,
  nowMs: number,
): Kind[] {
  return [added, ...(before ?? [])].filter(({ untilMs }) => untilMs > nowMs).slice(0, retiredMax);
}

/** Those of one sort that are still good, the newest first. */
export function stillGood(
  retired: readonly Retired[] | undefined,
  of: Replaced["of"],
  nowMs: number,
): string[] {
  return (retired ?? []).flatMap((one) => (one.of === of && one.untilMs > nowMs ? [one.text] : []));
}

/** Those that are still good, and that `open` can open, in the clear. */
export async function openRetired(
  retired: readonly SealedRetired[] | undefined,
  nowMs: number,
  open: (sealed: string, of: Replaced["of"]) => Promise<string | undefined>,
): Promise<Retired[]> {
  const good = (retired ?? []).filter(({ untilMs }) => untilMs > nowMs);
  const opened = await Promise.all(
    good.map(async ({ of, untilMs, sealed }) => ({ of, untilMs, text: await open(sealed, of) })),
  );
  return opened.flatMap(({ text, ...rest }) => (text === undefined ? [] : [{ ...rest, text }]));
}
