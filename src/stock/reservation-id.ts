/**
 * A reservation's id says where it lives: `rsv_<sku>.<version>.<nonce>`, the SKU in base64url, the ledger
 * version that made it in base 36, and at least 128 random bits, so that knowing one id tells nothing of another. One
 * that belongs to one caller alone says whose it is in a further part of the nonce, after a dot.
 */
export interface ReservationAddress {
  readonly sku: string;
  /** The ledger version that recorded the reservation. */
  readonly version: number;
}

export function formatReservationId(sku: string, version: number, nonce: string): string {
  return `rsv_${toBase64Url(sku)}.${version.toString(36)}.${nonce}`;
}

/** Where a reservation lives; undefined if the text is no reservation id. */
export function parseReservationId(id: string): ReservationAddress | undefined {
  const match = /^rsv_([A-Za-z0-9_-]+)\.([0-9a-z]{1,11})\.[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)?$/.exec(id);
  const [, encodedSku, version] = match ?? [];
  if (encodedSku === undefined || version === undefined) return undefined;
  const sku = fromBase64Url(encodedSku);
  return sku === undefined ? undefined : { sku, version: Number.parseInt(version, 36) };
}

/** Text as it stands in ids. */
export function toBase64Url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The reverse; undefined if it is none. */
export function fromBase64Url(encoded: string): string | undefined {
  try {
    const bytes = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
    const codes = Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(codes);
  } catch {
    return undefined;
  }
}
