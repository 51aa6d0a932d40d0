/** What a sealed text of a channel is for; it opens for nothing else. */
export function purposeOf(channel: string, what: "signing" | "credentials"): string {
  return `channel ${channel} ${what}`;
}
