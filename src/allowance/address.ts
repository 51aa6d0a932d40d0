/**
 * A caller as its reservations name it: 96 bits of a digest, so that an id tells whose it is without telling who that is.
 * It is also the name of the caller's AllowanceObject.
 */
export async function ownerNameOf(principalId: string): Promise<string> {
  const text = new TextEncoder().encode(`stockwire owner ${principalId}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return Array.from(digest.subarray(0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
