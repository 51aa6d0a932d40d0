/**
 * When the service was last restored, from a backup or to an earlier moment: the variable RESTORED_AT, RFC 3339. What was
 * recorded before may be older than what was said before, so whoever gave out a place then begins anew; as places sort by
 * time, nobody has to remember whether it has. 0 if the service never was restored. Throws if it is no time: a restore
 * that nobody notices would be worse than none.
 */
export function restoredAtMs({ RESTORED_AT: text }: { readonly RESTORED_AT?: string }): number {
  if (text === undefined || text === "") return 0;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error(`RESTORED_AT must be a time (2026-11-25T09:00:00Z), not "${text}"`);
  return ms;
}
